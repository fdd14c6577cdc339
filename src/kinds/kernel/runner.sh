#!/bin/sh
# Builds a kernel on a build host, detached from the connection that asked for it. One file: this, then the recipes, then
# main "$@". boot.sh keeps it beside its job, in ~/.tcp-oncall/kernel/ID, and runs it:
#
#   WORD build ID NAME=VALUE…      begins it, once: what is under way or done stays so
#   WORD look ID [line=N]          how it stands, with the events after the Nth. Goes on with what was interrupted
#   WORD cancel ID                 ends every process of the job within 2 s; what has not begun never will
#   WORD log ID [offset=N]         the log from that byte on, at most 64 KiB and 2000 lines
#   and for itself: run, watch, reap
#
# Every line of the answer begins with WORD:
#   state none | queued OWNER | building | built MANIFEST_SHA256 | failed CODE TEXT | cancelled | interrupted killed|reboot
#   stage NAME     progress PERCENT|- ETA_SECONDS|- QUIET_SECONDS     last TEXT (of the log)
#   event N EPOCH KIND TEXT     line N (of the last event that is shown)     missing PACKAGE     ended N (by a cancel)
#   log FROM NEXT SIZE     text LINE
#
# A job is a directory: job (the order), events, log, in/ (what was carried), out/ (packages, patch, config-diff, manifest),
# runner (process, its start, boot), end (how it ended; first come, first served).
#
# A recipe is six functions, FAMILY_unpack _patch _configure _compile _package _check, and FAMILY_missing, which prints packages
# that are not installed. They run in the job's directory with the order's names as variables, and: job, work (scratch, gone
# when the job is over), sources and objects (trees that jobs share, one job at a time). After an interruption all of them run
# again, so each is quick where its work is there. They say: event, fail, note, ship, expect, count_anew.
# shellcheck disable=SC2154 # the order's names are set by load_order
# shellcheck disable=SC2094 # in "read x <x" one is a variable, the other a file
set -u
umask 077
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH

KERNELS=$HOME/.tcp-oncall/kernel
# A test reboots a host by naming another file.
BOOT_ID=${TCP_ONCALL_BOOT_ID:-/proc/sys/kernel/random/boot_id}
# In the environment of every process of a job, also of one that leaves its session.
MARK=TCP_ONCALL_KERNEL_JOB
NEEDED='recipe seconds release arch package version url config configsha modules'
NEEDED_TOOLS='flock setsid sha256sum awk stat'
MOST_RESUMES=5
MOST_EVENTS=40
MOST_LOG=65536
MOST_LINES=2000
WATCH_SECONDS=5
TAB=$(printf '\t')
NL='
'

say() { printf '%s %s\n' "$WORD" "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
sha256() { sha256sum <"$1" | cut -d ' ' -f 1; }

# --- the order ------------------------------------------------------------------------------------------------------

# made_of CHARACTERS MOST VALUE
made_of() {
  case $3 in '' | *[!$1]*) return 1 ;; esac
  [ ${#3} -le "$2" ]
}

# The same, and no option and no hidden file.
named() {
  case $3 in [A-Za-z0-9]*) made_of "$@" ;; *) return 1 ;; esac
}

# number LEAST MOST VALUE
number() {
  case $3 in '' | 0?* | *[!0-9]* | ????????????????*) return 1 ;; esac
  [ "$3" -ge "$1" ] && [ "$3" -le "$2" ]
}

# valid NAME VALUE
valid() {
  case $1 in
    recipe) named a-z0-9 16 "$2" ;;
    seconds) number 5 60 "$2" ;;
    arch) case $2 in x86_64 | aarch64) ;; *) return 1 ;; esac ;;
    config) case $2 in running | modules) ;; *) return 1 ;; esac ;;
    release | package | version) named 'A-Za-z0-9._+~-' 100 "$2" ;;
    configsha) [ "$2" = - ] || { made_of 0-9a-f 64 "$2" && [ ${#2} = 64 ]; } ;;
    modules) made_of 'A-Za-z0-9_,-' 16384 "$2" ;;
    url) [ "$2" = - ] || { made_of 'A-Za-z0-9./_~%+:=-' 500 "${2#https://}" && [ "${2#https://}" != "$2" ]; } ;;
    jobs) number 1 256 "$2" ;;
    memory) number 1 10000000 "$2" ;;
    limit) number 1 604800 "$2" ;;
    *) return 1 ;;
  esac
}

# Sets order; fails with the name of what is wrong in wrong.
read_order() {
  order='' seen=' ' wrong=
  for pair in "$@"; do
    name=${pair%%=*}
    case $seen in *" $name "*) name="$name twice" ;; esac
    valid "$name" "${pair#*=}" || { wrong=$(printf %s "$name" | tr -cd 'a-z ' | cut -c 1-40) && return 1; }
    [ "$name" != recipe ] || recipe=${pair#*=}
    seen="$seen$name " order="$order$name=${pair#*=}$NL"
  done
  for name in $NEEDED; do
    case $seen in *" $name "*) ;; *) wrong=$name && return 1 ;; esac
  done
  have "$(family_of "$recipe")_compile" || { wrong=recipe && return 1; }
}

family_of() { case $1 in el[6-9] | amzn) echo rpm ;; *) echo "$1" ;; esac; }

# Sets the order's names, and what follows from them.
load_order() {
  jobs='' memory='' limit=28800
  while IFS= read -r pair; do
    valid "${pair%%=*}" "${pair#*=}" && eval "${pair%%=*}=\${pair#*=}"
  done <job
  family=$(family_of "$recipe")
  # shellcheck disable=SC2034 # recipes and the preflight have it in capitals
  RECIPE=$recipe
  [ -n "$jobs" ] || jobs=$(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)
  [ -n "$memory" ] || memory=$(awk '$1 == "MemTotal:" { print int($2 * 9 / 10240) }' /proc/meminfo)
  flavour=any
  [ "$configsha" = - ] || flavour=$(printf %.12s "$configsha")
  sources=$KERNELS/sources/$package-$version
  objects=$KERNELS/objects/$package-$version-$flavour
  work=$job/work
}

# --- processes ------------------------------------------------------------------------------------------------------

# Sets status and began (clock ticks since boot) of a process.
look_at() {
  stat=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
  # shellcheck disable=SC2086 # numbers, after a name that may hold blanks
  set -- ${stat##*) }
  status=${1:-} began=${20:-}
}

# Sets leader, since and boot of the job's runner, and why it is not alive.
read_runner() {
  leader='' since='' boot='' why=killed
  [ ! -s runner ] || read -r leader since boot <runner
  read -r this_boot <"$BOOT_ID"
  [ -z "$boot" ] || [ "$boot" = "$this_boot" ] || why=reboot
}

# A zombie is dead: in a container, process 1 may never reap it.
alive() {
  read_runner
  [ -n "$leader" ] && [ "$boot" = "$this_boot" ] && look_at "$leader" && [ "$began" = "$since" ] || return
  case $status in Z | X) return 1 ;; esac
}

register() {
  look_at $$ && read -r boot <"$BOOT_ID" && printf '%s %s %s\n' $$ "$began" "$boot" >runner.new && mv runner.new runner
}

# A session has its first process's number, unless that is another process's by now.
in_session() {
  read_runner
  [ -n "$leader" ] && [ "$boot" = "$this_boot" ] || return
  if look_at "$leader" && [ "$began" != "$since" ]; then return; fi
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v leader="$leader" '
    { pid = $1; sub(/^.*\) /, "") }
    $4 == leader && $1 != "Z" && $1 != "X" && pid ~ /^[0-9]+$/ { print pid }'
}

# Sets pids: the processes of this job, but for the one to spare.
members() {
  pids=' '
  for pid in $(grep -lsF "$MARK=$id" /proc/[0-9]*/environ | tr -dc '0-9\n') $(in_session); do
    case $pids in *" $pid "*) ;; *) [ "$pid" = "$spare" ] || pids="$pids$pid " ;; esac
  done
  [ "$pids" != ' ' ]
}

# Sets ended, how many there were. They have half a second to end by themselves; what they start meanwhile ends too.
end_processes() {
  ended=0 tries=0 signal=TERM
  while [ $tries -lt 15 ] && members; do
    # shellcheck disable=SC2086
    [ $tries -gt 0 ] || ended=$(count $pids)
    [ $tries -lt 5 ] || signal=KILL
    # shellcheck disable=SC2086
    case $tries in 0 | [5-9] | ??) kill -$signal $pids 2>/dev/null ;; esac
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries + 1))
  done
}
count() { echo $#; }

# Runs a verb of this program outside the job's session: it ends all that is in it.
outside() {
  setsid env -i HOME="$HOME" PATH="$PATH" TCP_ONCALL_BOOT_ID="$BOOT_ID" sh "$job/runner.sh" "$WORD" "$@" 9>&-
}

# --- the job's files --------------------------------------------------------------------------------------------------

event() { printf '%s %s\n' "$(date +%s)" "$*" >>events; }

# How it ended. Of two at a time, one: a link is made once.
conclude() {
  rm -f reserve
  printf '%s\n' "$*" >"end.$$" && ln "end.$$" end 2>/dev/null
  concluded=$?
  rm -f "end.$$"
  return $concluded
}

# Sets state and detail. How it ended is read last: a runner that is gone may just have said it.
derive() {
  state=none detail=
  if [ -s job ]; then
    if ! alive; then
      state=interrupted detail=$why
    elif [ -e waiting ]; then
      state=queued detail=$(owner)
    else
      state=building
    fi
  fi
  [ ! -s end ] || read -r state detail <end
}

is_over() { case $state in built | failed | cancelled) ;; *) return 1 ;; esac; }

# Room for a few words about a disk that is full. Given back when it is over.
keep_reserve() { [ -s reserve ] || dd if=/dev/zero of=reserve bs=1024 count=256 2>/dev/null; }

owner() {
  owner=
  [ ! -s "$KERNELS/owner" ] || read -r owner <"$KERNELS/owner"
  if made_of a-z2-7 8 "$owner"; then echo "$owner"; else echo -; fi
}

# Whether the file system of a directory has no room left. Sets code.
is_full() {
  code=no-inodes
  [ "$(free_of -Pi "$1")" -gt 16 ] || return 0
  code=no-space
  [ "$(free_of -Pk "$1")" -le 1024 ]
}
# Where that is not limited, as inodes of btrfs, a large number.
free_of() { df "$1" "$2" 2>/dev/null | awk 'END { print (NR > 1 && $2 > 0 && $4 ~ /^[0-9]+$/) ? $4 : 999999999 }'; }

# --- verbs ------------------------------------------------------------------------------------------------------------

main() {
  WORD=$1 VERB=$2 id=$3 spare='' is_new=''
  shift 3
  made_of 'A-Za-z0-9' 64 "$WORD" && made_of a-z2-7 8 "$id" && [ ${#id} = 8 ] || exit 2
  job=$KERNELS/$id
  cd "$job" || exit 2
  case $VERB in
    build) one_at_a_time begin "$@" && answer 0 ;;
    look) one_at_a_time go_on && answer "$(parameter line "$@")" ;;
    cancel) one_at_a_time cancel && answer 0 ;;
    log) answer_log "$(parameter offset "$@")" ;;
    run) run ;;
    watch) watch ;;
    reap) spare=${1#spare=} && end_processes ;;
    *) exit 2 ;;
  esac
}

# The value of NAME in NAME=VALUE, or 0.
parameter() {
  case ${2:-} in "$1="*) ;; *) echo 0 && return ;; esac
  if number 0 99999999999999 "${2#*=}"; then echo "${2#*=}"; else echo 0; fi
}

# The answer comes after it: a caller that does not read it holds no lock.
one_at_a_time() {
  exec 8>>gate
  flock 8
  "$@"
  rc=$?
  exec 8>&-
  return $rc
}

begin() {
  if [ ! -s job ] && [ ! -s end ]; then accept "$@" || return; fi
  go_on
}

accept() {
  for tool in $NEEDED_TOOLS; do
    have "$tool" || { say "state failed dependencies $tool" && return 1; }
  done
  read_order "$@" || { say "state failed order $wrong" && return 1; }
  if printf %s "$order" >job.new && keep_reserve && mv job.new job; then
    is_new=1
    event accepted "$recipe"
    return
  fi
  say 'state failed no-space'
  return 1
}

# What was interrupted goes on: the approval stands.
go_on() {
  derive
  [ "$state" = interrupted ] || return 0
  [ -n "$is_new" ] || again || return 0
  end_processes
  start || { ! is_full "$job" || { say "state failed $code" && return 1; }; }
  derive
}

# Counts what interrupted it, and gives up in the end.
again() {
  resumes=0
  [ ! -s resumes ] || read -r resumes <resumes
  resumes=$((resumes + 1))
  if [ $resumes -gt $MOST_RESUMES ]; then
    event interrupted "$why"
    end_processes
    conclude "failed interrupted $why, $MOST_RESUMES times before"
    derive
    return 1
  fi
  echo $resumes >resumes
  # After a loss of power a file may be empty, or end with half a line.
  [ -s end ] || rm -f end
  [ ! -s events ] || [ -z "$(tail -c 1 events)" ] || echo >>events
  event resumed "$why"
}

# In a session of its own, niced, with a clean environment. It says "ready" once it has registered.
start() {
  low=
  if have nice; then low='nice -n 10'; fi
  if have ionice; then low="$low ionice -c 2 -n 7"; fi
  # shellcheck disable=SC2086
  ready=$(setsid $low env -i HOME="$HOME" PATH="$PATH" LC_ALL=C TCP_ONCALL_BOOT_ID="$BOOT_ID" "$MARK=$id" \
    ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
    sh "$job/runner.sh" "$WORD" run "$id" </dev/null 2>/dev/null 8>&- &)
  [ "$ready" = ready ]
}

# First it is over, so that it cannot end otherwise meanwhile; then nothing of it is left. On a full disk the other way round.
cancel() {
  [ ! -s end ] || { derive && return; }
  conclude cancelled
  end_processes
  [ -s end ] || conclude cancelled
  derive
  [ "$state" = cancelled ] || return 0
  event cancelled "$ended processes"
  say "ended $ended"
  # shellcheck disable=SC2086
  [ "$pids" = ' ' ] || event left "$(count $pids) processes"
}

# --- how it stands ----------------------------------------------------------------------------------------------------

answer() {
  say "state $state${detail:+ $detail}"
  stage=
  [ ! -s stage ] || read -r stage <stage
  [ -z "$stage" ] || say "stage $stage"
  [ "$state" != building ] || { progress && last; }
  [ ! -s missing ] || head -n 200 missing | sed "s/^/$WORD missing /"
  events_after "$1"
}

events_after() {
  [ -s events ] || { say 'line 0' && return; }
  awk -v word="$WORD" -v after="$1" -v most=$MOST_EVENTS '
    NR > after && NR <= after + most { gsub(/[^ -~]/, "?"); print word " event " NR " " substr($0, 1, 240); last = NR }
    END { print word " line " (last ? last : NR) }' events
}

last() { tail -c 4096 log | awk -v begin="$WORD last " '/[^ \t\r]/ { text = $0 } END { gsub(/[^ -~]/, "?", text); print begin substr(text, 1, 200) }'; }

# A number that a file holds, or "-": the file may be half written.
counted() { case $1 in '' | *[!0-9]*) echo - ;; *) echo "$1" ;; esac; }

# Sets units, bytes and changed (when the log grew last). Counts on from where the last look ended.
count_units() {
  from=0 base=0 upto=0 units=0
  # shellcheck disable=SC2046
  set -- $(stat -c '%s %Y' log 2>/dev/null || echo 0 0)
  bytes=$1 changed=$2
  [ ! -s base ] || read -r from <base
  [ ! -s units ] || read -r base upto units <units
  case $base$upto$units in '' | *[!0-9]*) base=- ;; esac
  if [ "$base" != "$from" ] || [ "$upto" -gt "$bytes" ]; then upto=$from units=0; fi
  units=$((units + $(tail -c +$((upto + 1)) log | head -c $((bytes - upto)) | grep -cE '^  (CC|AS|LD|AR) ')))
  echo "$from $bytes $units" >units
}

# Of the compile stage: done are its units, or, where it names none, its time. 100 is said by "built" alone.
progress() {
  total=- before=- began=- first=0 percent=- eta=-
  count_units
  now=$(date +%s)
  [ ! -s expected ] || read -r total before key <expected
  [ ! -s compiling ] || read -r began first <compiling
  if [ "$(counted "$began")" != - ]; then estimate $((now - began)); fi
  case $stage in package | check) percent=99 ;; esac
  say "progress $percent $eta $((now > changed ? now - changed : 0))"
}

# estimate ELAPSED_SECONDS
estimate() {
  if [ "$(counted "$total")" != - ] && [ "$total" -gt 0 ]; then
    percent=$((units * 100 / total))
    if [ $((units - first)) -ge 10 ]; then eta=$(($1 * (total - units) / (units - first))); fi
  elif [ "$(counted "$before")" != - ] && [ "$before" -gt 0 ]; then
    percent=$(($1 * 100 / before))
  fi
  if [ "$eta" = - ] && [ "$(counted "$before")" != - ]; then eta=$((before - $1)); fi
  [ "$percent" = - ] || [ "$percent" -lt 99 ] || percent=99
  [ "$eta" = - ] || [ "$eta" -ge 0 ] || eta=0
}

# Whole lines, unless one is longer than an answer. What is not printable becomes "?", byte for byte: offsets stay true.
# The log may grow meanwhile: what is read of it is what it had when its size was taken, after the state.
answer_log() {
  derive
  say "state $state${detail:+ $detail}"
  [ -e log ] || return
  size=$(($(wc -c <log))) from=$1
  [ "$from" -le "$size" ] || from=$size
  most=$((size - from < MOST_LOG ? size - from : MOST_LOG))
  chunk=$(tail -c +$((from + 1)) log | head -c $most | head -n $MOST_LINES | tr '\000-\010\013-\037\177-\377' '?' && echo x)
  chunk=${chunk%x}
  whole=$chunk
  # The rest of a line comes with the next answer, where there is more of it.
  if [ ${#chunk} = $MOST_LOG ] || ! is_over; then
    case $chunk in
      *"$NL"*) whole=${chunk%"$NL"*}$NL ;;
      *) [ ${#chunk} = $MOST_LOG ] || whole= ;;
    esac
  fi
  say "log $from $((from + ${#whole})) $size"
  [ -z "$whole" ] || printf %s "$whole" | sed "s/^/$WORD text /"
}

# --- the detached runner ----------------------------------------------------------------------------------------------

run() {
  trap '' HUP
  rm -f waiting stage compiling failure
  register || exit
  : >>log
  exec 9>>"$KERNELS/lock"
  flock -n 9 || { : >waiting && event queued "$(owner)"; }
  echo ready
  exec >>log 2>&1
  flock 9
  [ ! -s end ] || exit
  echo "$id" >"$KERNELS/owner"
  rm -f waiting
  work_through
}

work_through() {
  load_order
  keep_reserve
  clear_out
  sh "$job/runner.sh" "$WORD" watch "$id" 9>&- &
  # shellcheck disable=SC3045 # all three shells have it
  ulimit -v $((memory * 2048)) 2>/dev/null
  began_at=$(wc -c <log)
  ready_to_build && stage unpack && stage patch && stage configure && compile && stage package && stage check && is_whole
  close $?
}

# Removes what another run of this job left, and what jobs that are over left.
clear_out() {
  rm -rf out notes shipped limit missing
  mkdir -p out notes "$work" "$sources" "$objects"
  touch "$sources" "$objects"
  only_two "$KERNELS/sources"
  only_two "$KERNELS/objects"
  for old in "$KERNELS"/????????/end; do
    [ ! -e "$old" ] || rm -rf "${old%/end}/work"
  done
  find "$KERNELS" -mindepth 1 -maxdepth 1 -type d -name '????????' -mtime +30 -exec rm -rf {} +
}

# The newest two trees; what this job uses was just touched. Files beside them are what was packed and never fetched.
only_two() {
  # shellcheck disable=SC2012 # names are ours
  (cd "$1" && find . -maxdepth 1 -type f -exec rm -f {} + && ls -td ./*/ | tail -n +3 | while read -r old; do rm -rf "${old%/}"; done)
}

ready_to_build() {
  read_spent
  if [ "$spent" -ge "$limit" ]; then echo "time-limit $spent s, the limit is $limit s" >failure && return 1; fi
  ("${family}_missing") >missing
  if [ -s missing ]; then echo "dependencies $(tr '\n' ' ' <missing)" >failure && return 1; fi
  [ "$configsha" = - ] || [ "$(sha256 in/config)" = "$configsha" ] || { echo 'wrong-config in/config is not what was approved' >failure && return 1; }
}

# With the usual umask: packages are made of these files. Sets failed_stage.
stage() {
  failed_stage=$1
  echo "$1" >stage
  event stage "$1"
  echo "== $1"
  (umask 022 && "${family}_$1" </dev/null)
}

# Objects that an interrupted run left may be cut off: then they are made anew, once.
compile() {
  left=
  [ ! -e "$objects/.unfinished" ] || left=1
  : >"$objects/.unfinished"
  start_counting
  stage compile || { [ -n "$left" ] && anew; } || return
  remember
  rm -f "$objects/.unfinished" compiling
}

anew() {
  blame compile
  [ "$code" = compile ] || return
  event clean 'objects of an interrupted run'
  rm -rf "$objects" failure && mkdir -p "$objects" && : >"$objects/.unfinished"
  count_anew
  stage configure && start_counting && stage compile
}

start_counting() {
  count_units
  began=$(date +%s) first=$units
  echo "$began $first" >compiling
}

# For the next build of the same kind: how many units there are, and how long they took. Not of half of it.
remember() {
  [ -s expected ] && [ ! -s resumes ] && [ -z "$left" ] || return 0
  read -r total before key <expected
  count_units
  mkdir -p "$KERNELS/totals"
  echo "$((units - first)) $(($(date +%s) - began))" >"$KERNELS/totals/$key"
}

# Nothing of the job is left when it says how it ended, and nothing is written to a log whose hash is known.
close() {
  outside reap "$id" "spare=$$"
  exec >/dev/null 2>&1
  rm -rf "$work"
  if [ "$1" = 0 ] && write_manifest; then
    sha=$(sha256 out/manifest)
    sync out/* 2>/dev/null || sync
    event built "$sha"
    conclude "built $sha"
  else
    blame "${failed_stage:-unpack}"
    text=$(printf %s "$text" | tr -c ' -~' '?' | cut -c 1-200)
    event failed "$code $text"
    conclude "failed $code $text"
  fi
}

# Sets code and text: why it failed.
blame() {
  code=$1 text="$1 failed"
  [ ! -s failure ] || read -r code text <failure
  if [ -s limit ]; then
    read -r code text <limit
    return
  fi
  case $code in unpack | patch | configure | compile | package | check) blame_host ;; esac
}

# What the log's end says of the host, where a recipe only saw that something failed.
blame_host() {
  reason=$code
  if is_full "$job" || is_full "$objects"; then
    text="$reason: no room left"
    return
  fi
  code=$reason
  case $(tail -c +$((began_at + 1)) log | tail -c 65536 | tr -d '\000') in
    *'No space left on device'*) code=no-space ;;
    *'emory exhausted'* | *'Cannot allocate memory'* | *'out of memory'* | *'Killed signal terminated'* | *'terminated with signal 9'*)
      code=out-of-memory text="$reason: no memory left"
      ;;
  esac
}

# --- limits -----------------------------------------------------------------------------------------------------------

# Beside the runner, and still there when that is killed: then it watches what goes on without it.
watch() {
  load_order
  page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
  read_spent
  read -r up rest </proc/uptime
  since_up=${up%%.*}
  while sleep $WATCH_SECONDS && is_under_way; do
    read -r up rest </proc/uptime
    total=$((spent + ${up%%.*} - since_up))
    echo $total >spent
    [ $total -lt "$limit" ] || over time-limit "$total s, the limit is $limit s"
    used=$(resident)
    [ "$used" -le "$memory" ] || over out-of-memory "$used MiB, the limit is $memory MiB"
  done
}

# Sets spent: seconds, of this run and those before it.
read_spent() {
  spent=0
  [ ! -s spent ] || read -r spent <spent
}

is_under_way() {
  alive && return
  [ "$(owner)" = "$id" ] && ! flock -n "$KERNELS/lock" true
}

# MiB of all processes of the session.
resident() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v leader="$leader" -v page="$page" '
    { sub(/^.*\) /, "") } $4 == leader { pages += $22 } END { print int(pages * page / 1048576) }'
}

# Ends all but the runner, which says why; this too.
over() {
  echo "$*" >limit
  outside reap "$id" "spare=$leader"
}

# --- what recipes say -------------------------------------------------------------------------------------------------

# fail CODE TEXT
fail() {
  echo "$*" >failure
  echo "failed: $*"
  exit 1
}

# note release RELEASE | note source PACKAGE VERSION SHA256 | note compiler TEXT
note() {
  name=$1
  shift
  (IFS=$TAB && printf '%s\n' "$*") >"notes/$name"
}

# ship FILE: a package that is to be installed.
ship() {
  name=${1##*/}
  named 'A-Za-z0-9._+~-' 200 "$name" || fail package "a package is named $name"
  [ "$1" = "out/$name" ] || ln -f "$1" "out/$name" 2>/dev/null || cp "$1" "out/$name" || fail package "cannot keep $name"
  echo "$name" >>shipped
}

# expect KEY [UNITS]: what this compilation is like; UNITS, an estimate, where it was never done.
expect() {
  named 'A-Za-z0-9._-' 40 "$1" || return
  key=${objects##*/}-$1 total=${2:--} before=-
  [ ! -s "$KERNELS/totals/$key" ] || read -r total before <"$KERNELS/totals/$key"
  echo "$total $before $key" >expected
}

# What was compiled until now is compiled again.
count_anew() { echo $(($(wc -c <log))) >base; }

# --- the manifest -----------------------------------------------------------------------------------------------------

is_whole() {
  failed_stage=check
  for name in release source compiler; do
    [ -s "notes/$name" ] || { echo "check the recipe noted no $name" >failure && return 1; }
  done
  [ -s shipped ] || { echo 'check the recipe made no package' >failure && return 1; }
  touch out/patch out/config-diff
}

# Its SHA-256 is what the next gates are bound to.
write_manifest() {
  text=$(manifest)
  printf '%s\n' "$text" >out/manifest.new && mv out/manifest.new out/manifest
}

manifest() {
  field 'tcp-oncall kernel' 1
  field change "$id"
  field release "$(cat notes/release)"
  field base "$release"
  field seconds "$seconds"
  field source "$(cat notes/source)"
  field patch "$(sha256 out/patch)"
  field configdiff "$(sha256 out/config-diff)"
  field compiler "$(cat notes/compiler)"
  field log "$(sha256 log)"
  field recipe "$recipe"
  sort -u shipped | while read -r name; do
    printf 'file\t%s\t%s\t%s\n' "$(sha256 "out/$name")" $(($(wc -c <"out/$name"))) "$name"
  done
  echo end
}
field() { printf '%s\t%s\n' "$1" "$2"; }
