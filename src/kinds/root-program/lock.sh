# shellcheck shell=sh disable=SC2154,SC2034 # root-program.ts puts the parts of a program together
# How long another helper is waited for; empty = for as long as it takes.
patience='-w 20'
draft=
lock_file=

lock() { take_lock || refuse "$why_not"; }

# From here on nothing waits for the caller: its pipes are not read or written until the lock is free, its terminal cannot
# stop us, and what was begun is finished though it hangs up. Sets `why_not` when it fails.
take_lock() {
  trap '' PIPE HUP INT QUIT TSTP TTIN TTOU
  exec </dev/null 2>/dev/null
  leave_cgroup
  own_state || return 1
  if ! command -v flock >/dev/null; then
    lock_by_name
    return
  fi
  why_not="unsafe-state $STATE/lock is a link"
  [ ! -h "$STATE/lock" ] || return 1
  why_not="no-journal $STATE/lock cannot be written"
  [ -f "$STATE/lock" ] || (: >>"$STATE/lock") || return 1
  # Only to be read: also where the disk is full or can only be read.
  command exec 9<"$STATE/lock" || return 1
  why_not='locked another helper is at work'
  # shellcheck disable=SC2086
  flock $patience 9
}

# Our caller may own the cgroup that it started us in, and can freeze, starve or kill what is in there. The root cgroup is
# root's alone, and what we start from here on, the timer too, begins in it. Goes without where it cannot be written.
leave_cgroup() {
  for hierarchy in '' /unified /freezer; do
    procs=/sys/fs/cgroup$hierarchy/cgroup.procs
    [ -f "$procs" ] || continue
    echo $$ >"$procs"
    # Any other would be a cgroup below this one.
    [ -n "$hierarchy" ] || return
  done
}

# The directories, root's alone.
own_state() {
  for directory in "$STATE" "$STATE/changes"; do
    why_not="unsafe-state $directory is a link"
    [ ! -h "$directory" ] || return 1
    why_not="no-journal $directory cannot be made"
    [ -d "$directory" ] || mkdir "$directory" || return 1
  done
  while read -r mode _ owner _; do
    why_not="unsafe-state $STATE is not root's alone"
    case $mode:$owner in d???------*:0) ;; *) return 1 ;; esac
  done <<END
$(ls -ldn "$STATE" "$STATE/changes")
END
}

# Where busybox was built without flock: a file named after the process that holds it, which counts while that process
# lives. A name is never used twice, so what a killed helper left behind is removed without harm, whoever does it.
lock_by_name() {
  why_not="no-journal $STATE/lock.d cannot be made"
  [ -d "$STATE/lock.d" ] || mkdir "$STATE/lock.d" || return 1
  boot_now
  started_at $$
  mine=$STATE/lock.d/$boot.$$.$started
  why_not='locked another helper is at work'
  tries=0
  until nobody_holds && { lock_file=$mine && : >"$mine"; } && nobody_holds; do
    [ -z "$lock_file" ] || rm -f "$lock_file"
    lock_file=
    tries=$((tries + 1))
    [ -z "$patience" ] || [ $tries -lt 20 ] || return 1
    sleep 1
  done
}

# Whether no other process that lives has its name in lock.d.
nobody_holds() {
  held=
  set +f
  for name in "$STATE"/lock.d/*; do
    case $name in "$mine" | *'*') continue ;; esac
    if holder_lives "${name##*/}"; then held=$name; else rm -rf "$name"; fi
  done
  set -f
  [ -z "$held" ]
}

# BOOT.PID.STARTED: another process may have the number by now.
holder_lives() {
  pid=${1%.*}
  pid=${pid##*.}
  case $1 in "$boot".*) ;; *) return 1 ;; esac
  started_at "$pid" && [ "$started" = "${1##*.}" ]
}

# Sets `started`, the time in ticks since the boot; fails for a process that is dead, though its parent does not know yet.
started_at() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  started=${20}
  [ "$1" != Z ] && [ "$1" != X ]
}

clean_up() {
  [ -z "$draft" ] || rm -rf "$draft"
  [ -z "$lock_file" ] || rm -f "$lock_file"
}
trap clean_up EXIT
release() {
  clean_up
  draft=
  lock_file=
  stamp=
  exec 9<&-
}
