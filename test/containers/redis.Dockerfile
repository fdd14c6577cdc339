# Stands in for the published image: Debian's redis-server, with what docker-compose.yml relies on.
FROM node:24-slim
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && mkdir /data && chown redis /data
COPY redis-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
VOLUME /data
WORKDIR /data
ENTRYPOINT ["docker-entrypoint.sh"]
