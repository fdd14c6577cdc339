#!/bin/sh
# tcp-oncall's change helper: the only program its account may run as root. It writes the sysctls of its own list, within
# its own bounds, on trial: a timer that is armed before the first write puts the old values back unless somebody confirms.
#
#   tcp-oncall-helper 1 WORD apply ID SECONDS NETNS   steps on stdin: KEY<tab>FROM<tab>TO, "-" for an empty value, then "end"
#   tcp-oncall-helper 1 WORD confirm|revert|status ID
#   tcp-oncall-helper 1 WORD extend ID SECONDS
#   tcp-oncall-helper 1 WORD history
#   tcp-oncall-helper 1 WORD version          for any account, in any protocol
#
# WORD begins every line of the answer, so that a login banner is not taken for one. Exit status: 0 done, 1 refused and
# nothing written, 2 tried and undone, 3 tried and not wholly undone.
set -u
set -f
umask 077
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

PROTOCOL=1
# What it does, where PROTOCOL is how it is spoken to: raised whenever the list below, its bounds or a verb changes. Can be
# read by anybody, and is told to anybody, also to a caller of another protocol.
VERSION=2
HELPER=/usr/local/sbin/tcp-oncall-helper
STATE=/var/lib/tcp-oncall
FILE=/etc/sysctl.d/99-zz-tcp-oncall.conf
# The longest a trial may last in all, in seconds.
LONGEST=3600
KEPT_CHANGES=200
PORT_RANGE=net.ipv4.ip_local_port_range
RESERVED_PORTS=net.ipv4.ip_local_reserved_ports
# How many ports of the range, and at least half of them, stay for connect().
FEWEST_PORTS=4096
TAB=$(printf '\t')

# KEY SHAPE BOUNDS... ; of an integer: MIN MAX [raised LEAST-THAT-LIMITS | lowered]
ALLOWED='
@ALLOWED@
'

say() { printf '%s %s\n' "$WORD" "$*"; }
refuse() { say "refused $*"; exit 1; }

# --- values ---------------------------------------------------------------------------------------------------------

# Sets `path`, without a process.
path_of() {
  IFS=.
  # shellcheck disable=SC2086
  set -- $1
  IFS=/
  path=/proc/sys/$*
  unset IFS
}

# Sets `value`, one blank between numbers; fails when it cannot be read.
live() {
  path_of "$1"
  value=$(cat "$path" 2>/dev/null) || return 1
  # shellcheck disable=SC2086
  set -- $value
  value=$*
}

# One write(2), so that the kernel takes the value whole or not at all. Sets `reason` when it fails.
put() {
  path_of "$1"
  complaint=$(printf '%s\n' "$2" | dd of="$path" bs=65536 conv=notrunc 2>&1 >/dev/null) && return 0
  case $complaint in
    *'Invalid argument'*) reason=invalid-value ;;
    *'Read-only file system'*) reason=read-only ;;
    *'ermission denied'* | *'not permitted'*) reason=not-permitted ;;
    *'No such file'*) reason=no-key ;;
    *) reason=write-failed ;;
  esac
  return 1
}

# "-" stands for an empty value.
plain() { if [ "$1" = - ]; then printf ''; else printf '%s' "$1"; fi; }

uptime_now() {
  read -r now _ </proc/uptime
  now=${now%%.*}
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

netns_now() { readlink /proc/self/ns/net 2>/dev/null | tr -dc 0-9; }

# --- the journal of one change --------------------------------------------------------------------------------------

# How long another helper is waited for; empty = for as long as it takes.
patience='-w 20'

prepare() {
  for directory in "$STATE" "$STATE/changes"; do
    [ -h "$directory" ] && refuse "unsafe-state $directory is a link"
    [ -d "$directory" ] || mkdir "$directory" 2>/dev/null || refuse "no-journal $directory cannot be made"
    # shellcheck disable=SC2012
    [ "$(ls -ldn "$directory" | awk '{ print substr($1, 5, 6), $3 }')" = '------ 0' ] ||
      refuse "unsafe-state $directory is not root's alone"
  done
  [ -h "$STATE/lock" ] && refuse "unsafe-state $STATE/lock is a link"
  if command -v flock >/dev/null 2>&1; then
    # A failing exec would end the shell without a word.
    (: >>"$STATE/lock") 2>/dev/null || refuse "no-journal $STATE/lock cannot be written"
    exec 9>>"$STATE/lock"
    # shellcheck disable=SC2086
    flock $patience 9 || refuse 'busy another helper is at work'
  else
    lock_by_directory
  fi
}

# Where busybox was built without flock. A lock whose helper was killed is taken over.
lock_by_directory() {
  tries=0
  until mkdir "$STATE/lock.d" 2>/dev/null; do
    [ -d "$STATE/lock.d" ] || refuse "no-journal $STATE/lock.d cannot be made"
    holder=$(cat "$STATE/lock.d/pid" 2>/dev/null)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then rm -rf "$STATE/lock.d"; fi
    tries=$((tries + 1))
    [ -z "$patience" ] || [ $tries -lt 20 ] || refuse 'busy another helper is at work'
    sleep 1
  done
  locked=$STATE/lock.d
  echo $$ >"$locked/pid"
}

draft=
locked=
clean_up() {
  [ -z "$draft" ] || rm -rf "$draft"
  [ -z "$locked" ] || rm -rf "$locked"
}
trap clean_up EXIT
release() {
  clean_up
  locked=
  exec 9>&-
}
# Whoever called may be gone before it is answered: what was begun is finished all the same.
trap '' PIPE

change_directory() {
  case $1 in '' | *[!a-z0-9]*) refuse 'bad-id letters and digits only' ;; esac
  [ ${#1} -le 32 ] || refuse 'bad-id at most 32 characters'
  ID=$1
  C=$STATE/changes/$1
  [ -h "$C" ] && refuse "unsafe-state $C is a link"
  return 0
}

journal() { printf '%s %s\n' "$(date +%s)" "$*" >>"$C/journal"; }

get() { cat "$C/$1" 2>/dev/null; }

keep() { printf '%s\n' "$2" >"$C/$1.new" 2>/dev/null && mv -f "$C/$1.new" "$C/$1" 2>/dev/null; }

become() {
  keep state "$1"
  journal "$1 ${2:-}"
}

# --- undoing --------------------------------------------------------------------------------------------------------

# What we made of the key: what was read back after our write, or what we were about to write.
ours() {
  awk -F "$TAB" -v key="$1" -v planned="$2" '$1 == key { v = $2; seen = 1 } END { print seen ? v : planned }' \
    "$C/wrote" 2>/dev/null || printf '%s\n' "$2"
}

# Puts the old values back, last first. A key that somebody else has changed since is theirs. When it is killed half-way,
# the next helper goes on with it.
undo() {
  keep why "$1"
  keep state reverting
  left_over=0
  if [ -e "$C/persisting" ] && ! unpersist && still_says; then
    journal "undo-failed $FILE cannot be written"
    say "undo-failed $FILE no-file"
    left_over=1
  fi
  reason=read-back
  while IFS=$TAB read -r key from to; do
    from=$(plain "$from")
    mine=$(ours "$key" "$(plain "$to")")
    live "$key" || {
      say "undo-failed $key cannot be read"
      left_over=1
      continue
    }
    if [ "$value" = "$from" ]; then
      say "restored $key $value"
    elif [ "$value" = "$mine" ] && put "$key" "$from" && live "$key" && [ "$value" = "$from" ]; then
      journal "restored $key $value"
      say "restored $key $value"
    elif [ "$value" = "$mine" ]; then
      journal "undo-failed $key $reason"
      say "undo-failed $key $reason"
      left_over=1
    else
      journal "conflict $key $value"
      say "conflict $key $value"
    fi
  done <"$C/undo"
  if [ $left_over = 0 ]; then become reverted "$1"; else become undo-failed "$1"; fi
  say "state $(get state) $1"
  return $left_over
}

# A change on trial whose time is over, or whose helper was killed half-way: nobody else will end it.
settle() {
  is_open "$(get state)" || return 0
  if [ "$(get boot)" != "$(boot_id)" ]; then
    # What the file says has been put in force by now.
    if [ -e "$C/persisting" ]; then undo reboot >/dev/null; else become reverted reboot; fi
    return 0
  fi
  uptime_now
  if is_cut_off; then
    go_on >/dev/null
  elif [ "$now" -ge "$(get due)" ]; then
    undo timer >/dev/null
  fi
  return 0
}

# Its helper was killed: what it had begun to do to the trial is done, a trial that had not begun is undone.
is_cut_off() { [ "$(get state)" != on-trial ] || [ -e "$C/persisting" ]; }
go_on() {
  case $(get state) in
    applying) undo interrupted ;;
    reverting) undo "$(get why)" ;;
    *) if persist; then become kept; else undo "failed: no-file $FILE cannot be written"; fi ;;
  esac
}

# It has not ended, so its values may be in force and no other change may begin.
is_open() { case $1 in applying | on-trial | reverting) return 0 ;; *) return 1 ;; esac; }

# --- the timer ------------------------------------------------------------------------------------------------------

# As a service of its own where systemd is, which ends what a login leaves behind; else in a session of its own.
arm() {
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1 &&
    [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]; then
    systemd-run --quiet --unit="tcp-oncall-$ID" -p Restart=on-failure "$HELPER" $PROTOCOL internal wait "$ID" \
      >/dev/null 2>&1 9>&- && return 0
  fi
  command -v setsid >/dev/null 2>&1 || return 1
  env -i PATH="$PATH" setsid "$HELPER" $PROTOCOL internal wait "$ID" </dev/null >/dev/null 2>&1 9>&- &
  kill -0 $! 2>/dev/null
}

# Waits until the trial is over, whatever becomes of whoever began it; looks again now and then, since it may be prolonged,
# also by a helper that this one had to wait for.
await_end() {
  patience=
  while is_open "$(get state)" && [ "$(get boot)" = "$(boot_id)" ]; do
    uptime_now
    left=$(($(get due) - now))
    if [ "$left" -le 0 ] || [ "$(get state)" = reverting ] || [ -e "$C/persisting" ]; then
      prepare
      settle
      release
      left=1
    fi
    [ "$left" -gt 5 ] && left=5
    sleep "$left"
  done
}

# --- apply ----------------------------------------------------------------------------------------------------------

# Reads the steps and prints them again, or why they are refused: what is not on the list, what is no longer what the plan
# was made from, and what is out of bounds of the values in force. Undoing goes past this: the old values may be anything.
check_steps() {
  refused=
  shaped=$(head -c 131072 | awk -F "$TAB" -v allowed="$ALLOWED" '
    function fail(why) { refused = why; exit }
    BEGIN { for (i = split(allowed, line, "\n"); i > 0; i--) if (split(line[i], word, " ") > 1) listed[word[1]] = 1 }
    ended { fail("bad-steps there is more after the end") }
    $0 == "end" { ended = 1; next }
    NR > 32 { fail("bad-steps too many") }
    length($0) > 9000 || NF != 3 || $1 !~ /^[a-z0-9_.]+$/ || $2 !~ /^(-|[-0-9][-0-9 ,]*)$/ || $3 !~ /^(-|[0-9][-0-9 ,]*)$/ {
      fail("bad-steps line " NR)
    }
    !($1 in listed) { fail("not-allowed " $1) }
    seen[$1]++ { fail("bad-steps " $1 " twice") }
    { steps = steps $0 "\n" }
    END {
      if (refused == "" && (!ended || steps == "")) refused = "bad-steps no end"
      if (refused != "") print "refused " refused; else printf "%s", steps
    }')
  case $shaped in refused*) ;; *) refused=$(printf '%s\n' "$shaped" | with_live | out_of_bounds) ;; esac
  if [ -n "$refused" ]; then echo "$refused"; else printf '%s\n' "$shaped"; fi
}

# Nothing is written unless every value is what the plan was made from. Prints each step with it.
with_live() {
  while IFS=$TAB read -r key from to; do
    path_of "$key"
    if [ ! -e "$path" ]; then
      echo "refused no-key $key"
    elif ! live "$key"; then
      echo "refused unreadable $key"
    elif [ "$value" != "$(plain "$from")" ]; then
      echo "refused drift $key $value"
    else
      printf '%s\t%s\t%s\n' "$key" "${value:--}" "$to"
    fi
  done
  for key in $PORT_RANGE $RESERVED_PORTS; do
    live "$key" || value=
    printf '%s\t%s\n' "$key" "${value:--}"
  done
}

# Says the bound that the steps do not keep: its key, its name, what it is, what was asked for. Nothing when they keep all.
# Time in proportion to the input: a list of ports is ascending, as the kernel prints it, and is walked once.
out_of_bounds() {
  awk -F "$TAB" -v allowed="$ALLOWED" -v RANGE=$PORT_RANGE -v RESERVED=$RESERVED_PORTS -v fewest=$FEWEST_PORTS '
    function refuse(key, bound, limit, value) { if (said == "") said = "out-of-bounds " key " " bound " " limit " " value }
    function whole(text) { return length(text) <= 10 && text ~ /^(0|[1-9][0-9]*)$/ }
    function pair(text, port) { return split(text, port, " ") == 2 && whole(port[1]) && whole(port[2]) }
    # How many ranges there are in a list of ports; -1 = it is none that the kernel would print.
    function ranges(text, first, last,   part, end, n, i) {
      if (text == "-") return 0
      n = split(text, part, ",")
      for (i = 1; i <= n; i++) {
        if (length(part[i]) > 11 || part[i] !~ /^(0|[1-9][0-9]*)(-[1-9][0-9]*)?$/) return -1
        if (split(part[i], end, "-") == 1) end[2] = end[1]
        else if (end[1] + 0 >= end[2] + 0) return -1
        first[i] = end[1] + 0
        last[i] = end[2] + 0
        if (last[i] > 65535 || (i > 1 && first[i] <= last[i - 1] + 1)) return -1
      }
      return n
    }
    function left(n, first, last, low, high,   i, from, to, taken) {
      for (i = 1; i <= n; i++) {
        from = first[i] < low ? low : first[i]
        to = last[i] > high ? high : last[i]
        if (to >= from) taken += to - from + 1
      }
      return high - low + 1 - taken
    }
    function integer(key, now, value, min, max, only, limits) {
      if (!whole(value)) { refuse(key, "form", "-", "-"); return }
      if (value + 0 < min + 0) refuse(key, "at-least", min, value)
      if (value + 0 > max + 0) refuse(key, "at-most", max, value)
      if (only == "raised" && (!whole(now) || now + 0 < limits + 0)) refuse(key, "no-limit-now", now, value)
      if (only == "raised" && value + 0 < now + 0) refuse(key, "only-raised", now, value)
      if (only == "lowered" && (!whole(now) || value + 0 > now + 0)) refuse(key, "only-lowered", now, value)
    }
    function range(key, now, value, word,   port, before) {
      if (!pair(value, port) || !pair(now, before)) { refuse(key, "form", "-", "-"); return }
      if (port[1] + 0 < word[3] + 0) refuse(key, "first-at-least", word[3], port[1])
      if (port[1] + 0 > word[4] + 0) refuse(key, "first-at-most", word[4], port[1])
      if (port[2] + 0 < word[5] + 0) refuse(key, "last-at-least", word[5], port[2])
      if (port[2] + 0 > word[6] + 0) refuse(key, "last-at-most", word[6], port[2])
      if (port[1] % 2 != 0) refuse(key, "first-even", "-", port[1])
      if (port[2] % 2 != 1) refuse(key, "last-odd", "-", port[2])
      if (port[1] + 0 > before[1] + 0) refuse(key, "only-widened", before[1], port[1])
      if (port[2] + 0 < before[2] + 0) refuse(key, "only-widened", before[2], port[2])
    }
    function ports(key, now, value,   longest, i, j) {
      longest = length(now) > length(value) ? length(now) : length(value)
      if (longest > 4095) { refuse(key, "list-length", 4095, longest); return }
      new_count = ranges(value, new_first, new_last)
      old_count = ranges(now, old_first, old_last)
      if (new_count < 0 || old_count < 0) { refuse(key, "form", "-", "-"); return }
      j = 1
      for (i = 1; i <= old_count; i++) {
        while (j <= new_count && new_last[j] < old_first[i]) j++
        if (j > new_count || new_first[j] > old_first[i]) { refuse(key, "keeps-port", old_first[i], "-"); return }
        if (new_last[j] < old_last[i]) { refuse(key, "keeps-port", new_last[j] + 1, "-"); return }
      }
    }
    # Enough ports must stay for connect(), or as many as there are now.
    function enough(   wide, narrow, after, before, least) {
      if (!("ports" in wanted)) {
        new_count = ranges(in_force[RESERVED], new_first, new_last)
        old_count = ranges(in_force[RESERVED], old_first, old_last)
      }
      if (!pair(in_force[RANGE], narrow) || new_count < 0) { refuse(RESERVED, "form", "-", "-"); return }
      pair("range" in wanted ? wanted["range"] : in_force[RANGE], wide)
      after = left(new_count, new_first, new_last, wide[1] + 0, wide[2] + 0)
      before = left(old_count, old_first, old_last, narrow[1] + 0, narrow[2] + 0)
      least = int((wide[2] - wide[1] + 2) / 2)
      if (least < fewest + 0) least = fewest + 0
      if (after < least && after < before) refuse(RESERVED, "leaves-ports", least, after)
    }
    BEGIN { for (i = split(allowed, line, "\n"); i > 0; i--) if (split(line[i], word, " ") > 1) bounds[word[1]] = line[i] }
    /^refused / { if (said == "") said = substr($0, 9); next }
    NF == 2 { in_force[$1] = $2; next }
    {
      split(bounds[$1], word, " ")
      wanted[word[2]] = $3
      if (word[2] == "integer") integer($1, $2, $3, word[3], word[4], word[5], word[6])
      else if (word[2] == "range") range($1, $2, $3, word)
      else ports($1, $2, $3)
    }
    END {
      if (said == "" && ("range" in wanted || "ports" in wanted)) enough()
      if (said != "") print "refused " said
    }'
}

# Refuses while another change is on trial here.
alone() {
  set +f
  for other in "$STATE"/changes/*; do
    set -f
    [ "$other" = "$C" ] && continue
    is_open "$(cat "$other/state" 2>/dev/null)" || continue
    here=$C
    C=$other
    settle
    state=$(get state)
    C=$here
    is_open "$state" && refuse "busy ${other##*/} is on trial"
  done
  set -f
}

show_trial() {
  uptime_now
  while IFS=$TAB read -r key _; do
    live "$key" && say "value $key $value"
  done <"$C/plan"
  say "state on-trial $(($(get due) - now))"
}

apply() {
  case ${2:-} in '' | *[!0-9]*) refuse 'bad-seconds a whole number' ;; esac
  if [ ${#2} -gt 4 ] || [ "$2" -lt 5 ] || [ "$2" -gt 1800 ]; then refuse 'bad-seconds from 5 to 1800'; fi
  prepare
  change_directory "$1"
  if [ -d "$C" ]; then
    settle
    if [ "$(get state)" = on-trial ]; then show_trial; else say "state $(get state) again"; fi
    exit 0
  fi
  case ${3:-} in - | "$(netns_now)") ;; *) refuse "netns $(netns_now)" ;; esac
  alone
  steps=$(check_steps)
  case $steps in *refused*) refuse "$(printf '%s\n' "$steps" | sed -n 's/^refused //p' | head -n 1)" ;; esac
  draft=$STATE/draft
  rm -rf "$draft"
  { mkdir "$draft" && printf '%s\n' "$steps" >"$draft/plan" &&
    awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$draft/plan" >"$draft/undo" &&
    boot_id >"$draft/boot" && [ -s "$draft/undo" ] && [ -s "$draft/boot" ]; } 2>/dev/null ||
    refuse "no-journal $STATE cannot be written"
  forget_old
  uptime_now
  { printf '%s\n' $((now + $2)) >"$draft/due" && printf '%s\n' "$now" >"$draft/began" &&
    printf 'applying\n' >"$draft/state" && sync && mv "$draft" "$C"; } 2>/dev/null ||
    refuse "no-journal $STATE cannot be written"
  draft=
  journal "applying for $2 s" || { rm -rf "$C"; refuse "no-journal $STATE cannot be written"; }
  arm || { rm -rf "$C"; refuse 'no-timer neither systemd-run nor setsid could start it'; }
  write_all
}

write_all() {
  while IFS=$TAB read -r key from to; do
    from=$(plain "$from")
    to=$(plain "$to")
    [ "$from" = "$to" ] && continue
    if ! put "$key" "$to"; then
      fail "$reason $key"
    fi
    live "$key" || fail "unreadable $key"
    printf '%s\t%s\n' "$key" "$value" >>"$C/wrote"
    [ "$value" = "$to" ] || fail "read-back $key $value"
    journal "wrote $key $value"
  done <"$C/plan"
  become on-trial
  show_trial
}

fail() {
  say "failed $*"
  if undo "failed: $*"; then exit 2; else exit 3; fi
}

forget_old() {
  # shellcheck disable=SC2012
  ls -t "$STATE/changes" | tail -n +$KEPT_CHANGES | while read -r old; do
    is_open "$(cat "$STATE/changes/$old/state" 2>/dev/null)" || rm -rf "$STATE/changes/${old:?}"
  done
}

# --- confirm, extend, revert ----------------------------------------------------------------------------------------

on_trial() {
  prepare
  change_directory "$1"
  [ -d "$C" ] || refuse "unknown $ID"
  settle
}

# Every sysctl file in the order they are applied, /etc/sysctl.conf last, as sysctl --system and OpenRC do.
files_in_order() {
  set +f
  if [ -e /etc/alpine-release ]; then
    for file in /run/sysctl.d/*.conf /etc/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
      [ -e "$file" ] && printf '%s\n' "$file"
    done
  else
    for file in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
      [ -e "$file" ] && printf '%s\t%s\n' "${file##*/}" "$file"
    done | awk -F "$TAB" '!seen[$1]++' | sort | cut -f 2-
  fi
  set -f
  [ -e /etc/sysctl.conf ] && printf '/etc/sysctl.conf\n'
  return 0
}

# The file that has the last word on a key.
winner() {
  files_in_order | while read -r file; do
    awk -v key="$1" -v file="$file" '
      { sub(/^[ \t]*-?[ \t]*/, ""); if (split($0, part, "=") < 2) next
        sub(/[ \t]+$/, "", part[1]); gsub("/", ".", part[1]); if (part[1] == key) found = 1 }
      END { if (found) print file }' "$file" 2>/dev/null
  done | tail -n 1
}

# Our file without the keys of this change.
others_lines() {
  [ -e "$FILE" ] || return 0
  awk -F "$TAB" 'NR == FNR { mine[$1] = 1; next }
    { split($0, part, "="); key = part[1]; gsub(/[ \t]/, "", key); if (!(key in mine)) print }' "$C/plan" "$FILE"
}

replace_file() {
  new=${FILE%/*}/.tcp-oncall.new
  rm -f "$new"
  { [ -d "${FILE%/*}" ] || mkdir -p "${FILE%/*}"; } 2>/dev/null &&
    cat >"$new" 2>/dev/null && chmod 644 "$new" 2>/dev/null && mv -f "$new" "$FILE" 2>/dev/null && sync
}

persist() {
  # Once: what this has written itself is not what was there before.
  if [ ! -e "$C/persisting" ]; then
    if [ -e "$FILE" ]; then cp "$FILE" "$C/file.before" 2>/dev/null || return 1; fi
    keep persisting 1 || return 1
  fi
  {
    if [ -e "$FILE" ]; then others_lines; else echo '# Kept by tcp-oncall after a trial. One line a key; its journal is in /var/lib/tcp-oncall.'; fi
    while IFS=$TAB read -r key _ to; do printf '%s = %s\n' "$key" "$(plain "$to")"; done <"$C/plan"
  } | replace_file || return 1
  # An empty or half-written file would look like success.
  while IFS=$TAB read -r key _ to; do
    grep -qxF "$key = $(plain "$to")" "$FILE" || return 1
  done <"$C/plan"
}

# What the file said of this change's keys before it, and of all others now; no file when that is nothing.
unpersist() {
  [ -e "$FILE" ] || return 0
  lines=$(
    others_lines
    [ -e "$C/file.before" ] && awk -F "$TAB" 'NR == FNR { mine[$1] = 1; next }
      { split($0, part, "="); key = part[1]; gsub(/[ \t]/, "", key); if (key in mine) print }' "$C/plan" "$C/file.before"
  )
  if printf '%s\n' "$lines" | grep -q '^[^#]'; then
    printf '%s\n' "$lines" | replace_file
  else
    rm -f "$FILE" 2>/dev/null
  fi
}

# Whether our file has a line of this change that it had not before.
still_says() {
  while IFS=$TAB read -r key _ to; do
    line="$key = $(plain "$to")"
    if grep -qxF "$line" "$FILE" 2>/dev/null && ! grep -qxF "$line" "$C/file.before" 2>/dev/null; then return 0; fi
  done <"$C/plan"
  return 1
}

confirm() {
  on_trial "$1"
  case $(get state) in
    kept) ;;
    on-trial)
      persist || fail "no-file $FILE cannot be written"
      become kept
      ;;
    *) refuse "not-on-trial $(get state) $(tail -n 1 "$C/journal" | cut -d ' ' -f 3-)" ;;
  esac
  while IFS=$TAB read -r key _ to; do
    if ! live "$key" || [ "$value" != "$(plain "$to")" ]; then say "foreign $key ${value:-}"; fi
    file=$(winner "$key")
    [ "$file" = "$FILE" ] || say "shadowed $key $file"
  done <"$C/plan"
  say "state kept $FILE"
}

extend() {
  case ${2:-} in '' | *[!0-9]* | ?????*) refuse 'bad-seconds a whole number up to 1800' ;; esac
  on_trial "$1"
  [ "$(get state)" = on-trial ] || refuse "not-on-trial $(get state)"
  uptime_now
  due=$(($(get due) + $2))
  last=$(($(get began) + LONGEST))
  [ $due -gt $last ] && due=$last
  keep due $due || refuse "no-journal $STATE cannot be written"
  journal "extended to $((due - now)) s"
  show_trial
}

revert() {
  on_trial "$1"
  case $(get state) in
    on-trial) if undo person; then exit 0; else exit 3; fi ;;
    undo-failed) if undo again; then exit 0; else exit 3; fi ;;
    kept)
      unpersist || refuse "no-file $FILE cannot be written"
      if undo person; then exit 0; else exit 3; fi
      ;;
    *) say "state $(get state) $(tail -n 1 "$C/journal" | cut -d ' ' -f 3-)" ;;
  esac
}

status() {
  prepare
  change_directory "$1"
  if [ ! -d "$C" ]; then
    # An order to apply that is still on its way must not come true after this answer.
    { mkdir "$C" && : >"$C/plan" && keep state none && journal none; } 2>/dev/null ||
      refuse "no-journal $STATE cannot be written"
    say 'state none'
    exit 0
  fi
  settle
  while IFS=$TAB read -r key _; do
    live "$key" && say "value $key $value"
  done <"$C/plan"
  while read -r line; do say "journal $line"; done <"$C/journal"
  uptime_now
  case $(get state) in
    on-trial) say "state on-trial $(($(get due) - now))" ;;
    *) say "state $(get state) $(tail -n 1 "$C/journal" | cut -d ' ' -f 3-)" ;;
  esac
}

history_of_changes() {
  prepare
  # shellcheck disable=SC2012
  ls -t "$STATE/changes" | head -n 50 | while read -r id; do
    C=$STATE/changes/$id
    settle
    say "change $id $(get state) $(tail -n 1 "$C/journal" | cut -d ' ' -f 1)"
  done
  say 'state listed'
}

[ $# -ge 3 ] || { echo 'tcp-oncall-helper PROTOCOL WORD apply|confirm|extend|revert|status|history|version [ID] ...' >&2; exit 1; }
case $2 in '' | *[!a-z0-9]*) exit 1 ;; esac
WORD=$2
[ "$3" != version ] || { say "version $VERSION protocol $PROTOCOL"; exit 0; }
[ "$1" = $PROTOCOL ] || refuse "protocol $PROTOCOL"
[ "$(id -u)" = 0 ] || refuse 'not-root run it with sudo'
verb=$3
shift 3
case $verb in
  apply) apply "$@" ;;
  confirm) confirm "${1:-}" ;;
  extend) extend "$@" ;;
  revert) revert "${1:-}" ;;
  status) status "${1:-}" ;;
  history) history_of_changes ;;
  wait)
    change_directory "${1:-}"
    await_end
    ;;
  *) refuse 'bad-verb apply, confirm, extend, revert, status, history or version' ;;
esac
