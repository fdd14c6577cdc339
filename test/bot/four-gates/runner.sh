#!/bin/sh
# Runs on the hosts of a four-gates change. Each call does one thing, then says how the change stands here, in lines that
# begin with WORD:
#   WORD build ID ROLE WHAT | install ID ROLE SHA | boot ID ROLE SHA SECONDS | keep ID ROLE SHA | rollback ID ROLE
#   WORD status ID ROLE | settle ID ROLE GATE | revert ID ROLE | extend ID ROLE SECONDS TOKEN | cancel ID ROLE GATE
# The file "state" holds: building STEP | built SHA | installed SHA | trial UNTIL SHA | kept SHA | undone WHY | failed WHY
set -u
WORD=$1 VERB=$2 ID=$3 ROLE=$4
shift 4
dir=${FOUR_GATES:-/tmp}/four-gates-$ID-$ROLE
mkdir -p "$dir" && cd "$dir" || exit 3

say() { printf '%s %s\n' "$WORD" "$*"; }

# Sets state, first and second.
# shellcheck disable=SC2094 # "state" is a word here too.
look() {
  state=none first='' second=''
  [ ! -f state ] || read -r state first second <state
}

become() { printf '%s\n' "$*" >state.new && mv state.new state; }

# One at a time, the work in the background too.
locked() { (exec 9>lock && flock 9 && "$@"); }

# Outlives the connection that began it.
background() { (trap '' HUP && exec </dev/null >/dev/null 2>&1 9>&- && "$@") & }

make() {
  for step in 1 2 3; do
    locked go_on "$step" || return
    sleep "${FOUR_GATES_STEP:-1}"
    # A test holds the build at its step.
    while [ -e hold ]; do sleep 0.2; done
  done
  sha=$(printf '%s\n' "$1" | sha256sum)
  locked finish "${sha%% *}"
}
go_on() { look && [ "$state" = building ] && become "building $1/3"; }
finish() { look && [ "$state" = building ] && become "built $1"; }

# Ends with the trial, however that ends.
timer() {
  while look && [ "$state" = trial ]; do
    sleep 1
    locked end_what_is_over
  done
}

# A trial ends though its timer was killed; a build ends with its process.
end_what_is_over() {
  look
  case $state in
    trial) [ "$(date +%s)" -lt "$first" ] || become undone timer ;;
    building) kill -0 "$(cat maker)" 2>/dev/null || become failed interrupted ;;
  esac
}

serve() {
  end_what_is_over
  look
  refused=
  case $VERB:$state in
    build:none) begin build && become building 0/3 && { background make "$1" && echo $! >maker; } ;;
    install:none) begin install && become "installed $1" ;;
    boot:installed) if [ "$first" = "$1" ]; then begin boot && become trial "$(($(date +%s) + $2)) $1" && background timer; else refused=artefact; fi ;;
    keep:trial) if [ "$second" = "$1" ]; then become "kept $1"; else refused=artefact; fi ;;
    revert:trial | rollback:kept | cancel:building) become undone person ;;
    extend:trial) grep -qx "$2" extended 2>/dev/null || { echo "$2" >>extended && become trial "$((first + $1)) $second"; } ;;
    # A host that has said "not begun" must not begin it later: the order may still be on its way.
    settle:none | cancel:none | settle:installed | cancel:installed)
      [ "$1:$state" = install:installed ] || : >"never-$1"
      ;;
    status:* | settle:* | build:* | rollback:undone) ;;
    *) refused=not-now ;;
  esac
  [ -z "$refused" ] || say "refused $refused"
  show
}

begin() {
  [ ! -e "never-$1" ] && return
  refused=never-begun
  return 1
}

show() {
  look
  case $state in
    trial) say "state trial $((first - $(date +%s))) $second" ;;
    *) say "state $state $first" ;;
  esac
  [ ! -f extended ] || while read -r token; do say "extended $token"; done <extended
}

locked serve "$@"
