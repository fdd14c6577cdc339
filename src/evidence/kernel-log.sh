# Kernel messages about TCP, counted by kind with the newest of each.
log=$(dmesg 2>/dev/null) || { [ "$(id -u)" != 0 ] && log=$(sudo -n dmesg 2>/dev/null); } || { echo dmesg; exit 4; }
printf '%s\n' "$log" | awk '
  BEGIN { n = split("syn flooding,time wait bucket,orphaned sockets,tuning tcp_mem,table full,file-max limit,different parity,fork rejected", part, ",") }
  !/[Ff]looding|wait bucket|orphaned sockets|tuning tcp_mem|table full|file-max|parity|rejected/ { next }
  { line = tolower($0); for (i = 1; i <= n; i++) if (index(line, part[i])) { count[i]++; last[i] = substr($0, 1, 300) } }
  END { for (i in count) print count[i] " " last[i] }'
