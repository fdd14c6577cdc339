# The collector: reads one host, twice, and writes nothing. Sections are framed by a random boundary, so that neither a
# login banner nor anything a host prints can be taken for one. Everything runs niced. What it costs is the number of its
# processes: a host may pay milliseconds for each.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
LC_ALL=C
SOCKETS=''
TIMEOUT='timeout -k 2'
export PATH LC_ALL BOUNDARY INTERVAL SAMPLE SOCKETS ME MACHINE FILES ABSENT DENIED ODD LISTED
renice -n 10 -p $$ >/dev/null 2>&1

# The effective uid.
while read -r word _ ME _; do [ "$word" != Uid: ] || break; done </proc/self/status

# One ls says where links point and which modes files have.
# shellcheck disable=SC2086 # words
LISTED=$(exec ls -lnd $LOOKS 2>/dev/null)
{ [ -r /proc/sys/kernel/arch ] && read -r MACHINE </proc/sys/kernel/arch; } || MACHINE=$(exec uname -m 2>/dev/null)
LISTED="$LISTED
 uname -> $MACHINE"

# files ENTRIES: the sections that one awk reads together. What is absent, or not for this account, the shell itself can say.
files() {
  FILES=$1 ABSENT='' DENIED='' ODD=''
  set -f
  IFS='
'
  for entry in $FILES; do
    IFS='~'
    # shellcheck disable=SC2086 # fields
    set -- $entry
    IFS=' '
    [ "$6" = look ] || for path in $3; do
      case $path in /*) ;; *) path=$2$path ;; esac
      if [ ! -e "$path" ]; then
        # Below a directory that this account may not look into, nothing is known to be absent.
        directory=${path%/*}
        while [ ! -d "$directory/" ]; do directory=${directory%/*}; done
        if [ -x "$directory/" ]; then ABSENT="$ABSENT $path"; else DENIED="$DENIED $path"; fi
      elif [ ! -r "$path" ]; then
        DENIED="$DENIED $path"
      elif [ ! -f "$path" ]; then
        # A pipe would be waited for without end.
        ODD="$ODD $path"
      fi
    done
  done
  unset IFS
  set +f
  awk "$READER" 2>/dev/null
}

# group FRAGMENTS NAME...: sections with scripts of their own, in one shell under one time limit. One that was cut off while
# others had used up the time has all of it the next time; one that had it all is over, and so is one that ends its shell.
group() {
  fragments=$1
  shift
  while [ $# -gt 0 ]; do
    # busybox's timeout leaves a watcher behind, which closes only its standard streams, and ends the shell but not what that
    # has started. Neither may hold open what is waited for: what is over comes on the stream for complaints.
    # shellcheck disable=SC2086,SC2016 # words; for the other shell
    over=$(exec ${TIMEOUT:+$TIMEOUT $SECONDS_EACH} sh -c "exec 3>&2 2>/dev/null
      printf begun >&3
      $COMMON$fragments"'for name do begin "$name"; ask "$name" 3>&-; end "$name" $?; printf . >&3; done' sh "$@" 2>&1 >&4 4>&-)
    status=$?
    case $over in *begun*) ;; *) if other_timeout $status; then continue; fi ;; esac
    over=${over##*[!.]}
    # Nor may it run on, or keep the wire open. Of this collection is what has its boundary in its environment.
    # shellcheck disable=SC2013 # words
    [ $status -lt 124 ] || for path in $(exec grep -ls "$BOUNDARY" /proc/[0-9]*/environ); do
      path=${path%/environ}
      kill -9 "${path#/proc/}" 2>/dev/null
    done
    if [ -z "$over" ]; then
      end "$1" $status
      shift
    fi
    shift ${#over}
  done
} 4>&1

sample_done() {
  printf '\n%s done %s\n' "$BOUNDARY" "$SAMPLE"
}
