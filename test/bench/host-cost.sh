#!/bin/bash
# What readers cost a host with very many sockets, in network, process and mount namespaces of its own:
#   unshare --net --pid --fork --mount --mount-proc host-cost.sh idle|time-wait|established COUNT ROUNDS COLLECTOR LINE LOAD HIDDEN...
# LINE is a command line, COLLECTOR the file that is its input; HIDDEN are programs that the collector shall not find. Prints `sockets TIME_WAIT IN_USE` before and after; for each round
# `READER USER SYSTEM WALL` in seconds, `first SECONDS` from the collector's start to the end of its first sample, and
# `forks N`, the processes it made; then `bytes N`, what it printed. bash, because its `time` gives milliseconds of the whole
# pipeline.
set -eu
kind=$1 count=$2 rounds=$3 collector=$4 line=$5 load=$6
shift 6
export LC_ALL=C TIMEFORMAT='%U %S %R'
ip link set lo up
ip addr add 192.0.2.1/24 dev lo
sysctl -qw net.ipv4.tcp_max_tw_buckets=1000000 net.ipv4.tcp_tw_reuse=0 net.ipv4.ip_local_port_range='10000 65535'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for directory in /usr/bin /bin /usr/sbin /sbin; do ln -sf "$directory"/* "$work/bin/"; done
for program in "$@"; do rm -f "$work/bin/$program"; done

measure() {
  local name=$1
  shift
  { time "$@" >/dev/null 2>&1; } 2>&1 | sed "s/^/$name /"
}
article_timers() { netstat -anpto | grep TIME_WAIT; }
article_states() { netstat -nt | awk '/^tcp/{print $6}' | sort | uniq -c; }
collect() { PATH=$work/bin sh -c "$line" <"$collector" >"$work/answer"; }
# Process numbers of a namespace come one after the other.
last_process() { sh -c 'echo $$'; }
processes_of_collect() {
  local before after
  before=$(last_process)
  collect 2>/dev/null
  after=$(last_process)
  # Without the subshell and the shell that says its number; the shell of the collector is the check's own.
  echo "forks $((after - before - 3))"
}
first_sample() {
  local start=${EPOCHREALTIME/./} end
  exec 3< <(collect_to_pipe)
  grep -qm1 ' done 1$' <&3
  end=${EPOCHREALTIME/./}
  cat <&3 >/dev/null
  exec 3<&-
  echo "first $((end - start))e-6"
}
collect_to_pipe() { PATH=$work/bin exec sh -c "$line" <"$collector" 2>/dev/null; }
count_sockets() { awk '$1 == "TCP:" { print "sockets " $7 " " $3 }' /proc/net/sockstat; }

if [ "$kind" != idle ]; then
  coproc LOAD { perl "$load" "$kind" "$count" 192.0.2.1; }
  read -r ready <&"${LOAD[0]}"
  [ "$ready" = ready ]
fi
count_sockets
for ((round = 0; round < rounds; round++)); do
  measure ss ss -tano
  measure collector collect
  if [ "$kind" = idle ]; then first_sample; fi
  if [ "$kind$#" = time-wait0 ]; then
    measure article-timers article_timers
    measure article-states article_states
  fi
done
count_sockets
processes_of_collect
echo "bytes $(wc -c <"$work/answer")"
