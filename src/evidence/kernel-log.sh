# Kernel messages about TCP, counted by kind with the newest of each. A log without a line says nothing yet: it may be empty.
count_kinds='
  BEGIN { n = split("syn flooding,time wait bucket,orphaned sockets,tuning tcp_mem,table full,file-max limit,different parity,fork rejected", part, ",") }
  !/[Ff]looding|wait bucket|orphaned sockets|tuning tcp_mem|table full|file-max|parity|rejected/ { next }
  { line = tolower($0); for (i = 1; i <= n; i++) if (index(line, part[i])) { count[i]++; last[i] = substr($0, 1, 300) } }
  END { for (i in count) print count[i] " " last[i]; exit NR == 0 }'
dmesg | awk "$count_kinds" && return 0
dmesg >/dev/null && return 0
[ "$ME" != 0 ] && sudo -n dmesg | awk "$count_kinds" && return 0
echo dmesg
return 4
