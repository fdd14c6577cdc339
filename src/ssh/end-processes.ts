/**
 * The script that ends what a run started, sent over a second channel: closing the first one leaves it running. It ends
 * the whole session, because timeout(1) and job control make process groups of their own within it, and it looks
 * again until nothing is left. Everything it starts from is a number and a random mark.
 */

/** Exit statuses of the script. */
export const GONE = 0;
export const CANNOT_LOOK = 3;

/** `pid` leads the session; without it, the processes that have `mark` among their arguments do. */
export function endProcesses(mark: string, pid: number | undefined): string {
  return `leaders='${pid ?? ''}' mark=${mark}\n${SCRIPT}`;
}

/** Reads /proc by path: the name in /proc/PID/stat may hold anything, a line that looks like another process too. */
const SCRIPT = `
PATH=$PATH:/usr/bin:/bin
leader=$leaders
if ! command -v awk >/dev/null 2>&1 || ! [ -r /proc/self/stat ]; then
  [ -z "$leader" ] || kill -KILL -- "-$leader"
  exit ${CANNOT_LOOK}
fi
search() {
  echo "$1" | grep -slzF -f - /proc/[0-9]*/cmdline
}
if [ -z "$leaders" ]; then
  for file in $(search "$mark"); do
    pid=\${file#/proc/}
    leaders="$leaders \${pid%%/*}"
  done
  # Nothing found means gone only where looking works: this very shell has a mark, too.
  if [ -z "$leaders" ]; then
    case " $(search "$1" | tr '\\n' ' ')" in
      *" /proc/$$/cmdline "*) exit ${GONE} ;;
      *) exit ${CANNOT_LOOK} ;;
    esac
  fi
fi
alive() {
  awk -v leaders=" $leaders " 'BEGIN {
    for (i = 1; i < ARGC; i++) {
      text = ""
      while ((getline line < ARGV[i]) > 0) text = text line " "
      close(ARGV[i])
      split(ARGV[i], path, "/")
      sub(/^.*[)] /, "", text)
      if (split(text, field, " ") < 4 || field[1] == "Z" || field[1] == "X") continue
      if (index(leaders, " " path[3] " ") || index(leaders, " " field[3] " ") || index(leaders, " " field[4] " ")) print path[3]
    }
  }' /proc/[0-9]*/stat
}
end() {
  for pause in 0.1 0.1 0.2 0.4 0.8; do
    pids=$(alive)
    [ -n "$pids" ] || exit ${GONE}
    kill -$1 $pids 2>/dev/null
    sleep $pause 2>/dev/null || sleep 1
  done
}
end TERM
end KILL
exit 1
`;
