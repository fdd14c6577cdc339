# The TCP socket table. A reader counts sockets by what matters about each and prints the busiest: the table itself goes
# nowhere. One process is one look; in the second sample it first makes the looks at the accept queues, one a second, and
# they are the wait between the samples. Readers, the cheapest first: perl and python3 over sock_diag(7), then awk over
# /proc/net/tcp or ss. One that fails has not seen an empty table: the next one is asked.
looks=0
[ "$SAMPLE" = 1 ] || looks=$INTERVAL
seconds=$((looks + 20))

# took STATUS: prints what a reader printed; before it, for what it did not come to, why there is nothing.
took() {
  if [ "$1" != 0 ]; then
    [ "$looks" = 0 ] || { begin accept-queues; end accept-queues "$1"; }
    begin listeners; end listeners "$1"
    begin sockets; end sockets "$1"
  fi
  printf '%s\n' "$SOCKETS"
  [ "$1" = 0 ] || SOCKETS=''
}

for reader in perl python3 /usr/libexec/platform-python; do
  if [ -n "$PROC_NET" ] || ! command -v "$reader" >/dev/null 2>&1; then continue; fi
  case $reader in
    perl) SOCKETS=$(exec perl -e "$TABLE_PL" "$BOUNDARY" "$SAMPLE" "$looks" $seconds) ;;
    *) SOCKETS=$(exec "$reader" -BIS -c "$TABLE_PY" "$BOUNDARY" "$SAMPLE" "$looks" $seconds) ;;
  esac
  status=$?
  # Its own alarm ended it.
  [ $status != 142 ] || status=124
  case $status in 0 | 124) took $status; return ;; esac
  case $SOCKETS in *" end $SAMPLE accept-queues "*) printf '%s\n' "$SOCKETS"; looks=0 ;; esac
done

ss=0 six=0
command -v ss >/dev/null 2>&1 && ss=1
[ -r "${PROC_NET:-/proc/net}/tcp6" ] && six=1
reader='awk'
command -v mawk >/dev/null 2>&1 && reader=mawk
# shellcheck disable=SC2086 # words
SOCKETS=$(exec ${LIMIT:+${LIMIT% *} $seconds} $reader -v ss=$ss -v six=$six -v looks="$looks" "$TABLE_AWK")
status=$?
took $status
case $status in 0 | 124 | 137 | 143) ;; *) sleep "$looks" ;; esac
