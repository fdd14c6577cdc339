# What recipes ask of the host and of the log, and what they say of a configuration.
# shellcheck disable=SC2154

# "KIB INODES" that have to be free where the job works.
need_space() {
  free=$(df -Pk "$job" | awk 'END { print $4 }')
  [ "$free" -ge "${1% *}" ] || fail no-space "$((free / 1024)) MiB free, $((${1% *} / 1024)) MiB needed"
  # A file system without a fixed number of them says 0.
  free=$(df -Pi "$job" 2>/dev/null | awk 'END { if ($2 > 0) print $4 }')
  [ -z "$free" ] || [ "$free" -ge "${1#* }" ] || fail no-inodes "$free inodes free, ${1#* } needed"
}

# PACKAGE…: the source asks for these, and they are not installed. The next preflight asks for them.
lack() {
  for dependency in "$@"; do echo "$dependency"; done | tee -a "$HOME/.tcp-oncall/kernel/needs.$recipe" >missing
  fail dependencies "$*"
}

# The first complaint at the end of the log, as compilers, make and rpmbuild word it; not what a shell says it is about to do.
first_error() {
  complaint=$(tail -n 2000 log | grep -v '^+' | grep -E -m 1 ': (fatal )?error: |^error: |\*\*\* |: command not found|Bad exit status')
  printf '%s\n' "${complaint:-$(tail -n 1 log)}"
}

# RUNNING BUILT: what became of the options, wherever their lines stand.
config_diff() {
  options "$1" >"$work/config.running"
  options "$2" | diff -U0 --label running --label built "$work/config.running" - | sed '/^@@/d'
}

options() { sed -n -e 's/^# \(CONFIG_[^ ]*\) is not set$/\1=n/p' -e t -e '/^CONFIG_/p' "$1" | sort; }
