# Looks at the accept queues once a second through the interval; only listeners with a connection waiting are printed,
# as `queue CAP ADDRESS:PORT LOOK:WAITING...`. A line in an unknown format is passed on as it is.
looks() {
  look=0
  while [ $look -lt "$INTERVAL" ]; do
    echo "look $look"
    "$@"
    look=$((look + 1))
    sleep 1
  done
  echo "looks $look"
}
from_proc() {
  for file in /proc/net/tcp /proc/net/tcp6; do
    [ -r $file ] && awk '$1 != "sl" && $4 != "0A" { exit } $1 != "sl"' $file
  done
}
from_ss() { ss -tn state listening 2>/dev/null || echo 'ss failed'; }
if command -v ss >/dev/null 2>&1; then
  echo 'via ss'
  looks from_ss | awk '
    $1 == "look" { look = $2; next }
    $1 == "looks" { print; next }
    $1 == "State" || $1 == "Recv-Q" || $1 == "Netid" { next }
    $1 == "LISTEN" { $1 = ""; $0 = $0 }
    $1 $2 ~ /[^0-9]/ || NF < 4 { if (!bad++) print; next }
    $1 > 0 { at = $2 " " $3; queue[at] = queue[at] " " look ":" $1 }
    END { for (at in queue) if (lines++ < 40) print "queue " at queue[at] }'
else
  echo "via proc $(uname -m)"
  looks from_proc | awk '
    BEGIN { for (i = 0; i < 16; i++) { hex[sprintf("%x", i)] = i; hex[sprintf("%X", i)] = i } }
    function number(text,   i, n) { for (i = 1; i <= length(text); i++) n = n * 16 + hex[substr(text, i, 1)]; return n + 0 }
    $1 == "look" { look = $2; next }
    $1 == "looks" { print; next }
    { waiting = number(substr($5, 10)); if (waiting > 0) queue[$2] = queue[$2] " " look ":" waiting }
    END { for (at in queue) if (lines++ < 40) print "queue - " at queue[at] }'
fi
