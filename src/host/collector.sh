# The collector: reads one host, twice, and writes nothing. Sections are framed by a random boundary, so that neither a
# login banner nor anything a host prints can be taken for one. Everything runs niced, each slow part with a time limit.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
LC_ALL=C
export PATH LC_ALL
renice -n 10 -p $$ >/dev/null 2>&1

if timeout 9 true 2>/dev/null; then
  limited() { timeout -k 2 "$@"; }
elif timeout -t 9 true 2>/dev/null; then
  # busybox before 1.30
  limited() { timeout -t "$@"; }
else
  limited() { shift; "$@"; }
fi

# mawk, where there is one, does the same for a fraction of the time: the fragments' awk is mawk then.
prelude=
if command -v mawk >/dev/null 2>&1; then
  prelude='awk() { mawk "$@"; }
'
  eval "$prelude"
fi

# section NAME SECONDS FRAGMENT
section() {
  printf '\n%s begin %s %s\n' "$BOUNDARY" "$SAMPLE" "$1"
  if [ "$2" = 0 ]; then
    out=$(eval "$3" 2>/dev/null)
  else
    out=$(limited "$2" sh -c "$prelude$3" 2>/dev/null)
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
