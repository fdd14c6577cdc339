# Kernel messages about TCP, counted by kind with the newest of each.
patterns='possible SYN flooding|time wait bucket table overflow|too many orphaned sockets|out of memory -- consider tuning tcp_mem|nf_conntrack: .*table full|file-max limit|prefer different parity|cgroup: fork rejected'
log() {
  dmesg 2>/dev/null && return
  [ "$(id -u)" = 0 ] && return 1
  sudo -n dmesg 2>/dev/null
}
log >/dev/null || { echo dmesg; exit 4; }
log | grep -iE "$patterns" | awk '
  BEGIN { n = split("syn flooding,time wait bucket,orphaned sockets,tuning tcp_mem,table full,file-max limit,different parity,fork rejected", part, ",") }
  { line = tolower($0); for (i = 1; i <= n; i++) if (index(line, part[i])) { count[i]++; last[i] = substr($0, 1, 300) } }
  END { for (i in count) print count[i] " " last[i] }'
