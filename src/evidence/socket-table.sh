# The TCP socket table. A reader counts sockets by what matters about each and prints the busiest: the table itself goes
# nowhere. One process is one look; in the second sample it first makes the looks at the accept queues, one a second, and
# they are the wait between the samples. Readers, the cheapest first: perl and python3 over sock_diag(7), then awk over
# /proc/net/tcp or ss. One that fails has not seen an empty table: the next one is asked.
looks=0
[ "$SAMPLE" = 1 ] || looks=$INTERVAL
seconds=$((looks + 2 * SECONDS_EACH))

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

# read_by READER: SOCKETS is what it prints. One that was seen to read ends itself; one that may hang before is ended by timeout.
read_by() {
  while :; do
    guard="${TIMEOUT:+$TIMEOUT $seconds}"
    # shellcheck disable=SC2086 # words
    case $1 in
      "$SEEN") SOCKETS=$(run_reader "$1") ;;
      *) SOCKETS=$(run_reader "$1" $guard) ;;
    esac
    status=$?
    [ -z "$SOCKETS" ] || break
    other_timeout $status || break
  done
  # One that says nothing under any of them tells nothing about timeout.
  [ -n "$SOCKETS$TIMEOUT" ] || TIMEOUT='timeout -k 2'
  # Ended by its own alarm, or by a timeout that has no status for it.
  case $status in 137 | 142 | 143) status=124 ;; esac
}
# run_reader READER TIMEOUT...
run_reader() {
  reader=$1
  shift
  case $reader in
    perl) exec "$@" perl -e "$TABLE_PL" "$BOUNDARY" "$SAMPLE" "$looks" $seconds ;;
    *awk) exec "$@" "$reader" -v ss="$ss" -v six="$six" -v looks="$looks" "$TABLE_AWK" ;;
    *) exec "$@" "$reader" -BIS -c "$TABLE_PY" "$BOUNDARY" "$SAMPLE" "$looks" $seconds ;;
  esac
}

# One that failed or hung is not asked a second time.
[ "$SAMPLE" != 1 ] || READERS='perl python3 /usr/libexec/platform-python ' SEEN=''
[ -z "$PROC_NET" ] || READERS=''
while [ -n "$READERS" ]; do
  if command -v "${READERS%% *}" >/dev/null 2>&1; then
    read_by "${READERS%% *}"
    case $status in
      0) SEEN=${READERS%% *} ;;
      124) READERS=${READERS#* } ;;
    esac
    case $status in 0 | 124) took "$status"; return ;; esac
    case $SOCKETS in *" end $SAMPLE accept-queues "*) printf '%s\n' "$SOCKETS"; looks=0 ;; esac
  fi
  READERS=${READERS#* }
done

ss=0 six=0
command -v ss >/dev/null 2>&1 && ss=1
[ -r "${PROC_NET:-/proc/net}/tcp6" ] && six=1
awk='awk'
command -v mawk >/dev/null 2>&1 && awk=mawk
read_by $awk
took "$status"
case $status in 0 | 124) ;; *) sleep "$looks" ;; esac
