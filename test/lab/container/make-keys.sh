#!/bin/sh
# Makes what the demo's hosts and bot share: keys, known_hosts and tcp-oncall.yaml. Once; later starts find them there.
set -eu
cd /config
[ -e tcp-oncall.yaml ] && exit 0
ssh-keygen -q -t ed25519 -N '' -C '' -f id_ed25519
# The bot's image runs as node, 1000.
chown 1000:1000 id_ed25519
for host in web-01 db-01; do
  ssh-keygen -q -t ed25519 -N '' -C '' -f "host_key.$host"
  printf '%s %s\n' "$host" "$(cut -d' ' -f1,2 "host_key.$host.pub")"
done >known_hosts
cat >tcp-oncall.yaml <<'YAML'
hosts:
  web-01: { address: web-01, user: ops, identityFile: ./id_ed25519, groups: [web] }
  db-01: { address: db-01, user: ops, identityFile: ./id_ed25519, groups: [db] }
ssh: { knownHosts: ./known_hosts, agent: false }
stateDir: /tmp/state
YAML
