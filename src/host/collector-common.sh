# For every shell of the collector. mawk, where there is one, does the same for a fraction of the time; an alias costs no
# process, a function does.
command -v mawk >/dev/null 2>&1 && alias awk=mawk
begin() { printf '\n%s begin %s %s\n' "$BOUNDARY" "$SAMPLE" "$1"; }
# other_timeout STATUS: whether this host's timeout, which ended so without running anything, may be called another way: TIMEOUT is
# that of coreutils and busybox, of those before they had -k, of busybox before 1.30, and none.
other_timeout() {
  case $1 in 1 | 12[567]) ;; *) return 1 ;; esac
  case $TIMEOUT in
    *-k*) TIMEOUT=timeout ;;
    timeout) TIMEOUT='timeout -t' ;;
    *-t) TIMEOUT='' ;;
    *) return 1 ;;
  esac
}
end() { printf '\n%s end %s %s %s\n' "$BOUNDARY" "$SAMPLE" "$1" "$2"; }
