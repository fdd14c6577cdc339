#!/bin/bash
# What readers cost a host with very many sockets, in a network namespace of its own: `unshare --net host-cost.sh ...`
#   host-cost.sh time-wait|established COUNT ROUNDS COLLECTOR LOAD
# Prints `sockets TIME_WAIT IN_USE`, then for each round `READER USER SYSTEM WALL` in seconds, and `bytes N` for the
# collector's output. bash, because its `time` gives milliseconds of the whole pipeline.
set -eu
kind=$1 count=$2 rounds=$3 collector=$4 load=$5
export LC_ALL=C TIMEFORMAT='%U %S %R'
ip link set lo up
ip addr add 192.0.2.1/24 dev lo
sysctl -qw net.ipv4.tcp_max_tw_buckets=1000000 net.ipv4.tcp_tw_reuse=0 net.ipv4.ip_local_port_range='10000 65535'

measure() {
  local name=$1
  shift
  { time "$@" >/dev/null 2>&1; } 2>&1 | sed "s/^/$name /"
}
article_timers() { netstat -anpto | grep TIME_WAIT; }
article_states() { netstat -nt | awk '/^tcp/{print $6}' | sort | uniq -c; }
collect() { sh -s <"$collector" >"$output"; }

output=$(mktemp)
trap 'rm -f "$output"' EXIT
coproc LOAD { perl "$load" "$kind" "$count" 192.0.2.1; }
read -r ready <&"${LOAD[0]}"
[ "$ready" = ready ]
awk '$1 == "TCP:" { print "sockets " $7 " " $3 }' /proc/net/sockstat
for ((round = 0; round < rounds; round++)); do
  measure ss ss -tano
  measure collector collect
  if [ "$kind" = time-wait ]; then
    measure article-timers article_timers
    measure article-states article_states
  fi
done
echo "bytes $(wc -c <"$output")"
awk '$1 == "TCP:" { print "sockets " $7 " " $3 }' /proc/net/sockstat
