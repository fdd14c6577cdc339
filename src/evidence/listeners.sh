# Listening sockets as ss prints them, or as /proc/net/tcp does where there is no ss (then without the queue's cap).
from_proc() {
  for file in /proc/net/tcp /proc/net/tcp6; do
    [ -r $file ] && awk '$1 != "sl" && $4 != "0A" { exit } $1 != "sl"' $file
  done
}
first_200() { awk 'NR <= 200 { print } END { print "omitted " (NR > 200 ? NR - 200 : 0) }'; }
if command -v ss >/dev/null 2>&1; then
  # Not -l: that asks for closed sockets too, and then the kernel walks the whole table.
  rows=$(ss -tn state listening 2>/dev/null) || exit 1
  echo 'via ss'
  printf '%s\n' "$rows" | first_200
else
  echo "via proc $(uname -m)"
  from_proc | first_200
fi
