#!/bin/sh
# A host of the demo: an sshd, and what goes wrong there. `database`, or `exhaust-ports HOST`.
set -eu
host=$(hostname)
install -m 600 "/config/host_key.$host" /etc/ssh/ssh_host_ed25519_key
install -d -o ops -m 700 /home/ops/.ssh
install -o ops -m 600 /config/id_ed25519.pub /home/ops/.ssh/authorized_keys
actors=/lab/project/test/lab/actors
case ${1:-} in
  database)
    node "$actors/listen.mjs" '{"ports":"3306","life":86400}' &
    ;;
  exhaust-ports)
    address=$(getent ahostsv4 "$2" | awk '{ print $1; exit }')
    node "$actors/connect.mjs" "{\"to\":\"$address\",\"ports\":\"3306\",\"count\":300,\"every\":500,\"batch\":10,\"after\":\"close\",\"life\":86400}" &
    ;;
esac
exec /usr/sbin/sshd -D -e
