#!/bin/sh
# shellcheck disable=SC2154,SC2034 # root-program.ts puts the parts of a program together
# tcp-oncall's change helper: the only program its account may run as root. It writes the sysctls of its own list, within
# its own bounds, on trial: a timer that is armed before the first write puts the old values back unless the change is kept.
#
#   tcp-oncall-helper 2 WORD apply|keep ID     the order on stdin: all that is done is in it
#   tcp-oncall-helper 2 WORD revert ID [trial]             trial = not when it was kept
#   tcp-oncall-helper 2 WORD status ID
#   tcp-oncall-helper 2 WORD extend ID SECONDS [TOKEN]     once for each TOKEN, however often it is asked
#   tcp-oncall-helper 2 WORD history
#   tcp-oncall-helper 2 WORD approvers [new]   whether signatures are asked for, and can be verified; new = of a draft
#   tcp-oncall-helper 2 WORD version          for any account, in any protocol
#
# An order is the text that approvals are bound to (src/change/bound.ts), then "end", then a line "signature<tab>BASE64" for
# each signature of that text, then "done".
#
# WORD begins every line of the answer, so that a login banner is not taken for one. Exit status: 0 done, 1 refused and
# nothing written, 2 tried and undone, 3 tried and not wholly undone.
set -u
set -f
umask 077
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

PROTOCOL=2
# What it does, where PROTOCOL is how it is spoken to: raised whenever the list below, its bounds or a verb changes. Can be
# read by anybody, and is told to anybody, also to a caller of another protocol.
VERSION=3
HELPER=/usr/local/sbin/tcp-oncall-helper
STATE=/var/lib/tcp-oncall
FILE=/etc/sysctl.d/99-zz-tcp-oncall.conf
# Where it is, an order is carried out only when enough approvers in it have signed it. host-setup writes it.
APPROVERS=/etc/tcp-oncall/approvers
# A key, its signature of KNOWN_TEXT, and no private key any more: what can verify says so of these.
KNOWN_TEXT='tcp-oncall knows this text'
KNOWN_KEY=MCowBQYDK2VwAyEAYLDUqP+DOZID/0KjmcCG5pPm7eandtE0gGpsxw9TUZM=
KNOWN_SIGNATURE=LQmZQrtJFnHTKclhMqB9qY/KJnXiZl/v3mU9zPZPXaQ8S9ytdVv9YssYxDupVECwx6cx0iz9p9iyPCz7D6GzDQ==
# In bytes: two lists of ports of 4,095 characters, and whatever else may be in an order.
LONGEST_ORDER=32768
# The longest a trial may last in all, in seconds.
LONGEST=3600
BOOT_LENGTH=36
PORT_RANGE=net.ipv4.ip_local_port_range
RESERVED_PORTS=net.ipv4.ip_local_reserved_ports
# Ports that are enough for connect(): 68 new connections a second to each destination, at 60 s of TIME_WAIT.
ENOUGH_PORTS=4096
MOST_CHANGES=200
MOST_NEVER_BEGUN=1000
TAB=$(printf '\t')
NL='
'

# Every word that an answer uses: what a line may begin with, what a state may be, and why it may be "refused" or have
# "failed". The bot has to know each of them; test/contract/helper-words.test.ts holds it to that, and this list to the script.
# LINES value state journal change version approvers restored conflict superseded foreign foreign-line shadowed undo-failed extended refused failed
# STATES none on-trial kept reverted undo-failed listed
# REASONS approvers bad-id bad-order bad-seconds bad-token bad-verb busy drift foreign invalid-value locked needed netns
# REASONS no-file no-journal no-key no-timer no-verifier not-allowed not-on-trial not-permitted not-root not-signed
# REASONS order-expired other-host out-of-bounds protocol read-back read-only unknown unreadable unsafe-state write-failed

# The file "state" of a change has one of these in its first line: applying, on-trial, reverting = under way, and the next
# helper goes on with it; kept; undo-failed = something of it is still there, until it is told to revert again; reverted.
# So what is not undone, and needs this helper and its journal, is: applying, on-trial, reverting, undo-failed.

# KEY SHAPE BOUNDS... ; of an integer: MIN MAX [raised LEAST-THAT-LIMITS | lowered]
ALLOWED='
@ALLOWED@
'

# --- answering ------------------------------------------------------------------------------------------------------

# @answer.sh

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

# @now.sh

# Sets `netns`.
netns_now() {
  netns=$(readlink /proc/self/ns/net 2>/dev/null)
  netns=${netns#*\[}
  netns=${netns%]}
}

# --- one at a time --------------------------------------------------------------------------------------------------

# @lock.sh

# --- the journal of one change --------------------------------------------------------------------------------------

# @journal.sh

# Sets `due` and the `last` that it may be, in seconds since the boot. What is damaged is due now.
get_due() {
  last=0
  get_number began && last=$((got + LONGEST))
  get_number due && [ "$got" -le $last ] || got=0
  due=$got
  get boot
  [ ${#got} = $BOOT_LENGTH ] || due=0
}

# Where that is damaged, the values are taken to be in force.
is_of_another_boot() {
  boot_now
  get boot
  case $got in "$boot" | *[!0-9a-f-]*) return 1 ;; esac
  [ ${#got} = $BOOT_LENGTH ]
}

# Sets `got` to the state. Where that is damaged, the journal's end says what was kept or undone; anything else is to be
# undone, so that no value stays that nobody has kept.
get_state() {
  get state
  case $got in applying | on-trial | reverting | kept | undo-failed | reverted | none) return 0 ;; esac
  [ -d "$C" ] || return 0
  ended=
  { while read -r _ entry _; do ended=$entry; done <"$C/journal"; } 2>/dev/null
  get why
  case $ended:$got in
    reverted:*) got=reverted ;;
    kept:) got=kept ;;
    *) got=reverting ;;
  esac
}

# Sets `got`, what is higher than that of every change that began before. Where that is damaged: a trial is the newest there
# is; one that was kept is not newer than any, so that no trial is taken for one that it has overtaken.
get_order() {
  get_number order && return 0
  get_state
  if is_open "$got"; then got=9999999999; else got=0; fi
}

# @files.sh

# @state.sh

# --- several changes of one key -------------------------------------------------------------------------------------

# Sets `newer`: a line "ORDER ID FILED KEY" for each key that a change which began after this one has hold of; FILED is 1
# where our file may have its line.
find_newer() {
  newer=
  get_order
  order=$got
  this=$C
  set +f
  for C in "$STATE"/changes/*; do
    set -f
    get_state
    case $got in '' | reverted | none) continue ;; esac
    get_order
    [ "$got" -gt "$order" ] || continue
    filed=0
    [ ! -e "$C/persisting" ] || filed=1
    while IFS=$TAB read -r n_key _; do newer="$newer$got ${C##*/} $filed $n_key$NL"; done <"$C/plan"
  done
  set -f
  C=$this
}

# Sets, for a key, `above` to the next change up, `newest` to the last one, `filed` to one whose line our file may have.
above_of() {
  above='' newest='' filed='' low='' high=''
  while read -r n_order n_id n_filed n_key; do
    [ "$n_key" = "$1" ] || continue
    [ "$n_filed" = 0 ] || filed=$n_id
    if [ -z "$low" ] || [ "$n_order" -lt "$low" ]; then low=$n_order above=$n_id; fi
    if [ -z "$high" ] || [ "$n_order" -gt "$high" ]; then high=$n_order newest=$n_id; fi
  done <<END
$newer
END
}

# What this change would bring back, the next one up brings back from now on: not the value of a change that is undone.
hand_over() {
  while IFS=$TAB read -r key from to; do
    above_of "$key"
    [ -z "$above" ] || inherit "$STATE/changes/$above" || undo_failed "$key no-journal"
  done <"$C/undo"
}

inherit() {
  text=
  while IFS=$TAB read -r n_key n_from n_to; do
    [ "$n_key" != "$key" ] || [ "$n_from" != "$to" ] || n_from=$from
    text="$text$n_key$TAB$n_from$TAB$n_to$NL"
  done <"$1/undo"
  store "$1" undo "$text" || return 1
  line_of "$1/file.before" "$key"
  said=$line
  plain "$to"
  [ "$said" = "=$plain" ] || return 0
  line_of "$C/file.before" "$key"
  without "$1/file.before" " $key "
  [ -z "$line" ] || text="$text$key = ${line#=}$NL"
  store "$1" file.before "$text"
}

# --- our file -------------------------------------------------------------------------------------------------------

# Sets `plain`: "-" stands for an empty value.
plain() {
  plain=$1
  [ "$1" != - ] || plain=
}

# Sets `name` to the key that a line of a sysctl file sets; empty for any other line.
name_of() {
  name=
  case $1 in *=*) ;; *) return 0 ;; esac
  # shellcheck disable=SC2086
  set -- ${1%%=*}
  name=${1:-}
  name=${name#-}
}

# Sets `line` to what a sysctl file says of a key: "=VALUE", or nothing. Its last line counts.
line_of() {
  line=
  [ -f "$1" ] || return 0
  while IFS= read -r row || [ -n "$row" ]; do
    name_of "$row"
    [ "$name" = "$2" ] || continue
    squeeze "${row#*=}"
    line="=$squeezed"
  done <"$1"
}

squeeze() {
  # shellcheck disable=SC2086
  set -- $1
  squeezed=$*
}

# Sets `text` to a sysctl file without the lines of these keys, which stand between blanks, and `empty` when that sets nothing.
without() {
  text='' empty=1
  [ -f "$1" ] || return 0
  while IFS= read -r row || [ -n "$row" ]; do
    name_of "$row"
    case $2 in *" $name "*) [ -z "$name" ] || continue ;; esac
    case $row in '' | '#'*) ;; *) empty='' ;; esac
    text="$text$row$NL"
  done <"$1"
}

replace_file() {
  new=${FILE%/*}/.tcp-oncall.new
  umask 022
  [ -d "${FILE%/*}" ] || mkdir -p "${FILE%/*}"
  rm -f "$new"
  { printf '%s' "$1" >"$new" && mv -f "$new" "$FILE" && sync; } 2>/dev/null
  written=$?
  umask 077
  return $written
}

persist() {
  keys=' ' lines='' before=''
  while IFS=$TAB read -r key _ to; do
    plain "$to"
    keys="$keys$key "
    lines="$lines$key = $plain$NL"
    line_of "$FILE" "$key"
    [ -z "$line" ] || before="$before$key = ${line#=}$NL"
  done <"$C/plan"
  # Once: what this has written itself is not what was there before.
  if [ ! -e "$C/persisting" ]; then
    store "$C" file.before "$before" && set_line persisting 1 || return 1
  fi
  without "$FILE" "$keys"
  [ -f "$FILE" ] || text="# Kept by tcp-oncall after a trial. One line a key; its journal is in $STATE.$NL"
  replace_file "$text$lines" || return 1
  # An empty or half-written file would look like success.
  while IFS=$TAB read -r key _ to; do
    plain "$to"
    line_of "$FILE" "$key"
    [ "$line" = "=$plain" ] || return 1
  done <"$C/plan"
}

# Brings back what our file said before this change, where it says what this change wrote, and no newer one wrote it too.
unpersist() {
  [ -e "$C/persisting" ] || return 0
  keys=' ' back=''
  while IFS=$TAB read -r key _ to; do
    above_of "$key"
    [ -z "$filed" ] || continue
    take_back
  done <"$C/plan"
  if [ "$keys" != ' ' ]; then
    without "$FILE" "$keys"
    if [ -n "$back" ] || [ -z "$empty" ]; then replace_file "$text$back"; else rm -f "$FILE"; fi || return 1
  fi
  rm -f "$C/persisting"
}

take_back() {
  plain "$to"
  line_of "$FILE" "$key"
  said=$line
  line_of "$C/file.before" "$key"
  [ "$said" != "$line" ] || return 0
  if [ "$said" = "=$plain" ]; then
    keys="$keys$key "
    [ -z "$line" ] || back="$back$key = ${line#=}$NL"
  else
    say "foreign-line $key ${said#=}"
  fi
}

# --- undoing --------------------------------------------------------------------------------------------------------

# Sets `made`, what we made of the key: what was read back after our write, or what we were about to write.
made_of() {
  made=$2
  [ -e "$C/wrote" ] || return 0
  while IFS=$TAB read -r n_key n_value; do
    [ "$n_key" != "$1" ] || made=$n_value
  done <"$C/wrote"
}

undo_failed() {
  journal "undo-failed $*"
  say "undo-failed $*"
  left_over=1
}

# Puts the old values back, last first. A key that somebody else has changed since is theirs, and one that a newer change
# has is that one's. When it is killed half-way, the next helper goes on with it. Nothing keeps the values from going
# back, also where it cannot be written down.
undo() {
  state=reverting
  why=$1
  set_line why "$1"
  set_line state reverting
  left_over=0
  find_newer
  unpersist || undo_failed "$FILE no-file"
  [ -s "$C/undo" ] || undo_failed "$C/undo no-journal"
  while IFS=$TAB read -r p_key _ p_to; do
    { step_of "$C" "$p_key" && [ -n "$from" ] && [ "$to" = "$p_to" ]; } || undo_failed "$p_key no-journal"
  done <"$C/plan"
  hand_over
  while IFS=$TAB read -r key from to; do
    plain "$from"
    from=$plain
    plain "$to"
    made_of "$key" "$plain"
    above_of "$key"
    restore
  done <"$C/undo"
  if [ $left_over = 0 ]; then become reverted "$1"; else become undo-failed "$1"; fi
  stands
  return $left_over
}

restore() {
  reason=read-back
  if ! live "$key"; then
    undo_failed "$key unreadable"
  elif [ -n "$newest" ]; then
    say "conflict $key $value"
    say "superseded $key $newest"
    journal "superseded $key $newest"
  elif [ "$value" = "$from" ]; then
    say "restored $key $value"
  elif [ "$value" != "$made" ]; then
    say "conflict $key $value"
    journal "conflict $key $value"
  elif put "$key" "$from" && live "$key" && [ "$value" = "$from" ]; then
    say "restored $key $value"
    journal "restored $key $value"
  else
    undo_failed "$key $reason"
  fi
}

# A change on trial whose time is over, or whose helper was killed half-way: nobody else will end it.
settle() {
  is_open "$state" || return 0
  said_before=$answer
  uptime_now
  get_due
  if is_of_another_boot; then
    after_reboot
  elif is_cut_off; then
    go_on
  elif [ "$now" -ge "$due" ]; then
    undo timer
  fi
  answer=$said_before
}

# What the files say has been put in force by now.
after_reboot() {
  if [ "$state" = reverting ]; then
    undo "${why:-interrupted}"
  elif [ -e "$C/persisting" ]; then
    undo reboot
  else
    why=reboot
    set_line why reboot
    become reverted reboot
  fi
}

# Its helper was killed: what it had begun to do to the trial is done, a trial that had not begun is undone.
is_cut_off() { [ "$state" != on-trial ] || [ -e "$C/persisting" ]; }
go_on() {
  case $state in
    applying) undo interrupted ;;
    reverting) undo "${why:-interrupted}" ;;
    *) if ! persist || ! become kept; then undo "failed: no-file $FILE cannot be written"; fi ;;
  esac
}

# It has not ended, so its values may be in force and no other change may begin.
is_open() { case $1 in applying | on-trial | reverting) return 0 ;; *) return 1 ;; esac; }

# Ends what is due or was cut off, of every change. Sets `busy` to another one that is still open.
settle_all() {
  busy=
  asked=$C
  set +f
  for C in "$STATE"/changes/*; do
    set -f
    look
    is_open "$state" || continue
    settle
    [ "$C" = "$asked" ] || ! is_open "$state" || busy=${C##*/}
  done
  set -f
  C=$asked
}

# --- the timer ------------------------------------------------------------------------------------------------------

# As a service of its own where systemd is, which ends what a login leaves behind; else in a session of its own.
arm() {
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1 &&
    [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]; then
    systemd-run --quiet --unit="tcp-oncall-$ID" -p Restart=on-failure "$HELPER" $PROTOCOL internal wait "$ID" \
      >/dev/null 2>&1 9<&- && return 0
  fi
  command -v setsid >/dev/null 2>&1 || return 1
  env -i PATH="$PATH" setsid "$HELPER" $PROTOCOL internal wait "$ID" </dev/null >/dev/null 2>&1 9<&- &
  kill -0 $! 2>/dev/null
}

# Waits until the trial is over, whatever becomes of whoever began it; looks again now and then, since it may be prolonged,
# also by a helper that this one had to wait for. It goes on until the end is written down, also where the disk is full.
await_end() {
  patience=
  left=1
  while sleep "$left"; do
    look
    is_open "$state" && ! is_of_another_boot || return 0
    uptime_now
    get_due
    left=$((due - now))
    if [ "$left" -le 0 ] || is_cut_off; then
      take_lock && look && settle
      release
      left=1
    fi
    [ "$left" -le 5 ] || left=5
  done
}

# --- orders ---------------------------------------------------------------------------------------------------------

# Sets what the order says, and `bound` to the lines that approvals are bound to. The caller may take its time: no lock yet.
take_order() {
  change_directory "$1"
  order=$(read_order)
  case $order in refused*) refuse "${order#refused }" ;; esac
  bound='' steps='' signatures=''
  while IFS= read -r line; do
    IFS=$TAB
    # shellcheck disable=SC2086
    set -- $line
    unset IFS
    case $1 in
      hostkey) hostkey=$2 ;;
      revert) seconds=$2 ;;
      requester) requester=$2 ;;
      break-glass) break_glass=$2 ;;
      expires) expires=$2 ;;
      netns) wanted_netns=$2 ;;
      step) steps="${steps:+$steps$NL}$2$TAB$4$TAB$5" ;;
      signature) signatures="$signatures $2" ;;
    esac
    case $1 in end | signature | done) ;; *) bound="$bound$line$NL" ;; esac
  done <<END
$order
END
}

# Prints the order again, or why it is refused: another line than there must be, or a key that is not on the list.
read_order() {
  # A zero byte, which a shell would leave out, becomes another one that no line may hold.
  head -c $LONGEST_ORDER | tr '\000' '\001' | awk -F "$TAB" -v allowed="$ALLOWED" -v id="$ID" -v gate="$verb" '
# @order-form.awk
    function step() {
      if (++count > 32) fail("bad-order too many steps")
      if (length($0) > 9000 || NF != 5 || $2 !~ /^[a-z0-9_.]+$/ || $3 !~ /^(netns|host)$/) fail("bad-order line " NR)
      if ($4 !~ /^(-|[-0-9][-0-9 ,]*)$/ || $5 !~ /^(-|[0-9][-0-9 ,]*)$/) fail("bad-order line " NR)
      if (!($2 in listed)) fail("not-allowed " $2)
      if (seen[$2]++) fail("bad-order " $2 " twice")
    }
    BEGIN {
      for (i = split(allowed, line, "\n"); i > 0; i--) if (split(line[i], word, " ") > 1) listed[word[1]] = 1
      names = "tcp-oncall change|change|kind|gate|host|hostkey|risk|revert|requester|break-glass|expires|reverts|artefact|netns|fix"
      last = split(names, name, "|")
    }
    complete { fail("bad-order there is more after the end") }
    { order = order $0 "\n" }
    NR <= last {
      if (NF != 2 || $1 != name[NR]) fail("bad-order line " NR " is not " name[NR])
      if ($1 == "revert" && !(whole($2, 4) && $2 >= 5 && $2 <= 1800)) fail("bad-seconds from 5 to 1800")
      if (!in_form($1, $2)) fail("bad-order " $1)
      next
    }
    !ended && $1 == "step" { step(); next }
    !ended && $0 == "end" && count > 0 { ended = 1; next }
    ended && $0 == "done" { complete = 1; next }
    ended && NF == 2 && $1 == "signature" && length($2) == 88 && $2 ~ /^[A-Za-z0-9+\/]+==$/ && ++signatures <= 8 { next }
    { fail("bad-order line " NR) }
    END {
      if (refused == "" && !complete) refused = "bad-order no end"
      if (refused != "") print "refused " refused; else printf "%s", order
    }'
}

# --- approvers ------------------------------------------------------------------------------------------------------

# @verify.sh

# A trial ends by itself, so an order to keep it may have no end.
is_in_time() {
  [ "$expires:$verb" != -:keep ] || return 0
  [ "$expires" != - ] && [ "$(date +%s)" -lt "$expires" ]
}

# @approvers.sh

# --- apply ----------------------------------------------------------------------------------------------------------

# Says "within", or why the steps are refused: a value is no longer what the plan was made from, or what is asked for is out
# of bounds of the values in force. Undoing goes past this: the old values may be anything.
judge_steps() { printf '%s\n' "$steps" | with_live | out_of_bounds; }

# Nothing is written unless every value is what the plan was made from. Prints each step with it.
with_live() {
  while IFS=$TAB read -r key from to; do
    path_of "$key"
    if [ ! -e "$path" ]; then
      echo "refused no-key $key"
    elif ! live "$key"; then
      echo "refused unreadable $key"
    elif plain "$from" && [ "$value" != "$plain" ]; then
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

# Says the bound that the steps do not keep: its key, its name, what it is, what was asked for. "within" when they keep all.
# Time in proportion to the input: a list of ports is ascending, as the kernel prints it, and is walked once.
out_of_bounds() {
  awk -F "$TAB" -v allowed="$ALLOWED" -v room_only="${1:-}" -v RANGE=$PORT_RANGE -v RESERVED=$RESERVED_PORTS -v enough_ports=$ENOUGH_PORTS '
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
      if (room_only) return
      j = 1
      for (i = 1; i <= old_count; i++) {
        while (j <= new_count && new_last[j] < old_first[i]) j++
        if (j > new_count || new_first[j] > old_first[i]) { refuse(key, "keeps-port", old_first[i], "-"); return }
        if (new_last[j] < old_last[i]) { refuse(key, "keeps-port", new_last[j] + 1, "-"); return }
      }
    }
    # At least half of the range must stay for connect(), and enough ports; of a small range all but a sixteenth, so that
    # its listeners can still be reserved. Where there are fewer now, as many as there are.
    function enough(text,   wide, narrow, all, after, before, most, least) {
      if (!("ports" in wanted)) {
        new_count = ranges(in_force[RESERVED], new_first, new_last)
        old_count = ranges(in_force[RESERVED], old_first, old_last)
      }
      if (!pair(in_force[RANGE], narrow) || new_count < 0) { refuse(RESERVED, "form", "-", "-"); return }
      pair(text, wide)
      after = left(new_count, new_first, new_last, wide[1] + 0, wide[2] + 0)
      before = left(old_count, old_first, old_last, narrow[1] + 0, narrow[2] + 0)
      all = wide[2] - wide[1] + 1
      most = all - int(all / 16)
      if (most > enough_ports + 0) most = enough_ports + 0
      least = int((all + 1) / 2)
      if (least < most) least = most
      if (after < least && after < before) refuse(RESERVED, "leaves-ports", least, after)
    }
    BEGIN { for (i = split(allowed, line, "\n"); i > 0; i--) if (split(line[i], word, " ") > 1) bounds[word[1]] = line[i] }
    /^refused / { if (said == "") said = substr($0, 9); next }
    NF == 2 { in_force[$1] = $2; next }
    {
      split(bounds[$1], word, " ")
      if (word[2] == "range" && "ports" in wanted) ports_first = 1
      wanted[word[2]] = $3
      if (word[2] == "integer") integer($1, $2, $3, word[3], word[4], word[5], word[6])
      else if (word[2] == "range") range($1, $2, $3, word)
      else ports($1, $2, $3)
    }
    END {
      # Ports that are written first take from the range of before, for a moment or until a killed helper is undone.
      if (said == "" && ("ports" in wanted) && (ports_first || !("range" in wanted))) enough(in_force[RANGE])
      if (said == "" && ("range" in wanted)) enough(wanted["range"])
      print said == "" ? "within" : "refused " said
    }'
}

show_values() {
  while IFS=$TAB read -r key _; do
    live "$key" && say "value $key $value"
  done <"$C/plan"
}

# How the change stands, and what there is to say of that.
stands() {
  case $state in
    on-trial)
      uptime_now
      get_due
      say "state on-trial $((due - now))"
      ;;
    kept) say "state kept $FILE" ;;
    *) say "state $state $why" ;;
  esac
}

apply() {
  take_order "$1"
  lock
  show_known
  check_netns
  settle_all
  [ -z "$busy" ] || refuse "busy $busy is on trial"
  verify
  # Under the lock, since another change could move what the bounds go by.
  judged=$(judge_steps)
  case $judged in
    within) ;;
    refused*) refuse "${judged#refused }" ;;
    *) refuse 'bad-order its steps cannot be judged' ;;
  esac
  make_draft "$seconds" || refuse "no-journal $STATE cannot be written"
  forget_old
  { sync && mv "$draft" "$C"; } || refuse "no-journal $STATE cannot be written"
  draft=
  arm || { rm -rf "$C"; refuse 'no-timer neither systemd-run nor setsid could start it'; }
  write_all
}

check_netns() {
  netns_now
  case $wanted_netns in - | "$netns") ;; *) refuse "netns $netns" ;; esac
}

# Asked again, it says how the change stands.
show_known() {
  if [ -d "$C" ]; then
    look
    settle
  elif is_never_begun; then
    state=none
  else
    return 0
  fi
  [ "$state" != on-trial ] || show_values
  stands
  finish 0
}

# All that is ever written over has its room from the beginning.
make_draft() {
  undo_steps=
  while IFS= read -r step; do undo_steps="$step$NL$undo_steps"; done <<END
$steps
END
  next_order
  boot_now
  uptime_now
  stamp=$(date +%s)
  draft=$STATE/draft
  rm -rf "$draft"
  mkdir "$draft" && store "$draft" plan "$steps$NL" && store "$draft" undo "$undo_steps" &&
    store "$draft" order "$order$NL" && store "$draft" boot "$boot$NL" && store "$draft" began "$now$NL" &&
    store "$draft" due "$((now + $1))$NL" && store "$draft" why "$NL" && store "$draft" state "applying$NL" &&
    store "$draft" journal "$stamp applying for $1 s$NL"
}

# Sets `order`, higher than that of any change there is.
next_order() {
  order=0
  asked=$C
  set +f
  for C in "$STATE"/changes/*; do
    get_number order && [ "$got" -gt "$order" ] && order=$got
  done
  set -f
  C=$asked
  order=$((order + 1))
}

write_all() {
  while IFS=$TAB read -r key from to; do
    [ "$from" != "$to" ] || continue
    plain "$to"
    to=$plain
    put "$key" "$to" || fail "$reason $key"
    live "$key" || fail "unreadable $key"
    if [ "$value" != "$to" ]; then
      store "$C" wrote "$key$TAB$value$NL"
      fail "read-back $key $value"
    fi
    journal "wrote $key $value"
  done <"$C/plan"
  become on-trial || fail "no-journal $STATE cannot be written"
  show_values
  stands
}

fail() {
  say "failed $*"
  if undo "failed: $*"; then finish 2; else finish 3; fi
}

# The oldest that are over, and then those that have been kept and have hold of nothing any more: newer ones have all their
# keys. Any other could still be reverted.
forget_old() {
  asked=$C
  set +f
  set -- "$STATE"/changes/*
  set -f
  count=$#
  while [ "$count" -ge $MOST_CHANGES ] && find_forgettable "$@"; do
    rm -rf "${forgettable:?}"
    count=$((count - 1))
  done
  C=$asked
}

find_forgettable() {
  forgettable='' low=''
  for C; do
    get_state
    case $got in reverted | none) ;; *) continue ;; esac
    get_order
    if [ -z "$low" ] || [ "$got" -lt "$low" ]; then low=$got forgettable=$C; fi
  done
  [ -z "$forgettable" ] || return 0
  for C; do
    get_state
    if [ "$got" = kept ] && is_buried; then
      forgettable=$C
      return 0
    fi
  done
  return 1
}

is_buried() {
  find_newer
  while IFS=$TAB read -r key _; do
    above_of "$key"
    [ -n "$filed" ] || return 1
  done <"$C/plan"
}

# --- keep, extend, revert -------------------------------------------------------------------------------------------

known() {
  change_directory "$1"
  lock
  state=none why=
  if [ -d "$C" ]; then
    settle_all
    look
    settle
  else
    is_never_begun || refuse "unknown $ID"
  fi
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

# Sets `winners`: a line "KEY FILE" for every key that a file sets, with the file that has the last word on it.
find_winners() {
  files=$(files_in_order)
  IFS=$NL
  # shellcheck disable=SC2086
  winners=$(awk '
    { sub(/^[ \t]*-?[ \t]*/, ""); if (split($0, part, "=") < 2) next
      sub(/[ \t]+$/, "", part[1]); gsub("/", ".", part[1]); last[part[1]] = FILENAME }
    END { for (key in last) print key, last[key] }' $files 2>/dev/null)
  unset IFS
}

# Sets `winner`.
winner_of() {
  winner=
  while read -r n_key n_file; do
    [ "$n_key" != "$1" ] || winner=$n_file
  done <<END
$winners
END
}

# Of a kept change: what is not as it was kept, or will not be after the next boot.
tell_kept() {
  find_newer
  find_winners
  while IFS=$TAB read -r key _ to; do
    plain "$to"
    above_of "$key"
    winner_of "$key"
    if [ -n "$newest" ]; then
      say "superseded $key $newest"
    elif ! live "$key" || [ "$value" != "$plain" ]; then
      say "foreign $key $value"
    fi
    [ "$winner" = "$FILE" ] || say "shadowed $key $winner"
  done <"$C/plan"
}

keep() {
  take_order "$1"
  known "$ID"
  case $state in
    kept) ;;
    on-trial)
      check_netns
      [ "$(cat "$C/plan")" = "$steps" ] || refuse 'bad-order its steps are not those on trial'
      verify
      still_ours
      persist || fail "no-file $FILE cannot be written"
      become kept || fail "no-journal $STATE cannot be written"
      ;;
    *) refuse "not-on-trial $state $why" ;;
  esac
  tell_kept
  stands
}

# What is kept is what is in force: a value that somebody else has set since is theirs to keep.
still_ours() {
  while IFS=$TAB read -r key _ to; do
    plain "$to"
    live "$key" && [ "$value" = "$plain" ] && continue
    say "refused foreign $key $value"
    show_values
    stands
    finish 1
  done <"$C/plan"
}

extend() {
  case ${2:-} in '' | 0* | *[!0-9]* | ?????*) refuse 'bad-seconds a whole number up to 1800' ;; esac
  token=${3:-}
  case $token in *[!a-z0-9]*) refuse 'bad-token letters and digits only' ;; esac
  [ ${#token} -le 32 ] || refuse 'bad-token at most 32 characters'
  known "$1"
  [ "$state" = on-trial ] || refuse "not-on-trial $state $why"
  is_extended || prolong "$2"
  show_values
  show_extended
  stands
}

# @extend.sh

revert() {
  known "${1:-}"
  case $state in
    on-trial) if undo person; then finish 0; else finish 3; fi ;;
    undo-failed)
      still_fits
      if undo again; then finish 0; else finish 3; fi
      ;;
    kept)
      if [ "${2:-}" = trial ]; then
        tell_kept
        stands
      else
        still_fits
        revert_kept
      fi
      ;;
    *) stands ;;
  esac
}

# Ports that newer changes reserved have to fit the range that this one leaves, as if they were asked for afterwards. Also
# below a newer range, which would inherit that. A trial always goes back: it is the newest.
still_fits() {
  find_newer
  step_of "$C" $PORT_RANGE || return 0
  range=$from
  above_of $RESERVED_PORTS
  { [ -n "$newest" ] && step_of "$STATE/changes/$newest" $RESERVED_PORTS; } || return 0
  reserved=$to
  step_of "$STATE/changes/$above" $RESERVED_PORTS
  judged=$(printf '%s\t%s\n' "$RESERVED_PORTS$TAB$from" "$reserved" "$PORT_RANGE" "$range" "$RESERVED_PORTS" "$from" | out_of_bounds room-only)
  case $judged in *' leaves-ports '*) ;; *) return 0 ;; esac
  say "refused needed $newest ${judged#refused out-of-bounds }"
  show_values
  stands
  finish 1
}

# Sets `from` and `to` to what a change would bring back of a key, and what it wrote; fails where that is not one of its keys.
step_of() {
  while IFS=$TAB read -r key from to; do
    [ "$key" != "$2" ] || return 0
  done <"$1/undo"
  return 1
}

# It is under way before its first step, so that whoever comes after a helper that was killed goes on with it.
revert_kept() {
  if ! set_line why person || ! set_line state reverting; then refuse "no-journal $STATE cannot be written"; fi
  unpersist || {
    set_line state kept
    refuse "no-file $FILE cannot be written"
  }
  if undo person; then finish 0; else finish 3; fi
}

status() {
  change_directory "$1"
  lock
  state=none why=
  if [ -d "$C" ]; then
    look
    settle
    show_values
    [ "$state" != kept ] || tell_kept
    [ "$state" != on-trial ] || show_extended
    while read -r entry; do say "journal $entry"; done <"$C/journal"
  else
    # An order to apply that is still on its way must not come true after this answer.
    is_never_begun || never_begin || refuse "no-journal $STATE cannot be written"
  fi
  stands
}

history_of_changes() {
  lock
  # shellcheck disable=SC2012
  for id in $(ls -t "$STATE/changes" | head -n 50); do
    C=$STATE/changes/$id
    look
    settle
    last=0
    while read -r at _ && last=$at; do :; done <"$C/journal"
    say "change $id $state $last"
  done
  say 'state listed'
}

[ $# -ge 3 ] || { echo 'tcp-oncall-helper PROTOCOL WORD apply|keep|extend|revert|status|history|approvers|version [ID] ...' >&2; exit 1; }
case $2 in '' | *[!a-z0-9]*) exit 1 ;; esac
WORD=$2
[ "$3" != version ] || { say "version $VERSION protocol $PROTOCOL"; finish 0; }
# A timer that was armed before an update goes on after it.
[ "$1" = $PROTOCOL ] || [ "$3" = wait ] || refuse "protocol $PROTOCOL"
[ "$(id -u)" = 0 ] || refuse 'not-root run it with sudo'
# The caller's limits are not for what runs as root, nor for the timer.
for limit in -f -t -v; do ulimit $limit unlimited 2>/dev/null || :; done
cd /
verb=$3
shift 3
case $verb in
  apply) apply "${1:-}" ;;
  keep) keep "${1:-}" ;;
  extend) extend "$@" ;;
  revert) revert "$@" ;;
  status) status "${1:-}" ;;
  history) history_of_changes ;;
  approvers) tell_approvers "${1:-}" ;;
  wait)
    change_directory "${1:-}"
    await_end
    exit 0
    ;;
  *) refuse 'bad-verb apply, keep, extend, revert, status, history, approvers or version' ;;
esac
finish 0
