# The collector: reads one host, twice, and writes nothing. Sections are framed by a random boundary, so that neither a
# login banner nor anything a host prints can be taken for one. Everything runs niced, each slow part with a time limit.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
LC_ALL=C
export PATH LC_ALL
renice -n 10 -p $$ >/dev/null 2>&1

if timeout 9 true 2>/dev/null; then
  limit='timeout -k 2'
elif timeout -t 9 true 2>/dev/null; then
  # busybox before 1.30
  limit='timeout -t'
else
  limit=
fi

# mawk, where there is one, does the same for a fraction of the time. An alias costs no process, a function does.
prelude=
if command -v mawk >/dev/null 2>&1; then
  prelude='alias awk=mawk
'
  eval "$prelude"
fi

# section NAME SECONDS FRAGMENT
section() {
  printf '\n%s begin %s %s\n' "$BOUNDARY" "$SAMPLE" "$1"
  if [ "$2" = 0 ]; then
    out=$(eval "$3" 2>/dev/null)
  else
    # shellcheck disable=SC2086 # words
    out=$(exec ${limit:+$limit "$2"} sh -c "$prelude$3" 2>/dev/null)
  fi
  status=$?
  printf '%s\n%s end %s %s %s\n' "$out" "$BOUNDARY" "$SAMPLE" "$1" "$status"
  if [ "$1" = sockets ] && [ $status = 0 ]; then
    SOCKETS=$out
    export SOCKETS
  fi
}

sample_done() {
  printf '\n%s done %s\n' "$BOUNDARY" "$SAMPLE"
}
