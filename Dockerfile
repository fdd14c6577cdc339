# The bot: `docker build -t tcp-oncall .`. Runs as an ordinary user, with a read-only file system if you like.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN cp package-lock.json node_modules/.installed-lock && bin/build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
# ssh -G reads an ssh_config; redis-server is for a bot that is given no REDIS_URL.
RUN apt-get update && apt-get install -y --no-install-recommends openssh-client redis-server tini \
  && rm -rf /var/lib/apt/lists/* && install -d -o node -g node -m 700 /audit
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
ENV NODE_ENV=production
USER node
# tcp-oncall.yaml and known_hosts are mounted here, readable by the user node (1000); /audit is its to write.
WORKDIR /config
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/livez').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "/app/dist/src/main.js"]
CMD ["serve"]
