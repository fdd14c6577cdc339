# shellcheck disable=SC2154,SC2153 # from host-setup-checks.sh: host-setup.ts puts the parts of a script together
# --- taking it away -------------------------------------------------------------------------------------------------

option() { [ "$1" = --look ] && look=yes; }

host_removal() {
  begin "$@"
  for directory in "${HELPER%/*}" "${RULES%/*}" "${STATE%/*}" "${APPROVERS%/*}"; do
    if [ -d "$directory" ]; then roots_alone "$directory"; fi
  done
  refuse_while_in_force
  if is_set_up && changing "$HELPER, $RULES, $STATE$(also_there)"; then take_away; fi
  [ "$look" = yes ] || say_left
}

is_set_up() {
  for path in "$HELPER" "$RULES" "$RULES.removing" "$STATE" "$APPROVERS" \
    "$KERNEL_HELPER" "$KERNEL_RULES" "$KERNEL_RULES.removing" "$KERNEL_STATE" "$KERNEL_UNSIGNED"; do
    if [ -e "$path" ] || [ -h "$path" ]; then return 0; fi
  done
  return 1
}

also_there() {
  for path in "$KERNEL_HELPER" "$KERNEL_RULES" "$KERNEL_STATE" "$APPROVERS" "$KERNEL_UNSIGNED"; do
    [ ! -e "$path" ] || printf ', %s' "$path"
  done
}

# What was begun and neither kept nor undone: without the journal nothing would put the old values back, or the old kernel.
refuse_while_in_force() {
  refuse_while_kernel_waits
  for change in "$STATE"/changes/*; do
    [ -d "$change" ] || continue
    state=$(cat "$change/state" 2>/dev/null || echo 'no state')
    id=${change##*/}
    case $state in
      kept | reverted | none) ;;
      applying | on-trial | reverting)
        refuse "a change is on trial ($id, $state). Keep or revert it first, or wait until it reverts by itself."
        ;;
      *)
        refuse "change $id is not undone ($state), so its values may be in force. Revert it once more, from its card or with: $HELPER @PROTOCOL@ w revert $id"
        ;;
    esac
  done
}

refuse_while_kernel_waits() {
  for change in "$KERNEL_STATE"/changes/*; do
    [ -d "$change" ] || continue
    state=$(cat "$change/state" 2>/dev/null || echo 'no state')
    left=$(cat "$change/why" 2>/dev/null || :)
    case $state:$left in
      kept:* | reverted:* | fell-back:*) continue ;;
      failed:remove* | failed:stuck*) ;;
      failed:*) continue ;;
    esac
    refuse "the kernel of change ${change##*/} is neither kept nor gone ($state). Keep or revert it first, from its card or with: $KERNEL_HELPER 1 w revert ${change##*/}"
  done
}

# The rule goes first, so that no helper starts any more; then the changes are looked at again.
take_away() {
  trap give_back EXIT
  trap 'exit 1' HUP INT TERM
  for rules in "$RULES" "$KERNEL_RULES"; do
    if [ -e "$rules" ] || [ -h "$rules" ]; then mv -f "$rules" "$rules.removing"; fi
  done
  await_helpers
  refuse_while_in_force
  trap - EXIT
  rm -f "$RULES.removing" "$KERNEL_RULES.removing" "$HELPER" "$KERNEL_HELPER"
  rm -rf "$STATE" "$KERNEL_STATE"
  # Last: no helper without them. The directory may be the bot's too.
  rm -f "$APPROVERS" "$KERNEL_UNSIGNED"
  rmdir "${APPROVERS%/*}" 2>/dev/null || :
}

# sudo passes over names with a dot.
give_back() {
  for rules in "$RULES" "$KERNEL_RULES"; do
    if [ -e "$rules.removing" ]; then mv -f "$rules.removing" "$rules"; fi
  done
}

# One that was started before may be about to apply; a timer ends some seconds after its change.
await_helpers() {
  tries=0
  while running=$(helper_running) && [ -n "$running" ]; do
    tries=$((tries + 1))
    # Its change may be on trial by now, for as long as that takes.
    refuse_while_in_force
    [ $tries -le 10 ] || refuse "process $running is running the helper. Try again when it has ended."
    sleep 1
  done
}

# The id of one process of root's that runs it.
helper_running() {
  # The brackets keep grep from finding itself.
  grep -ls -e '/usr/local/sbin/[t]cp-oncall-helper' -e '/usr/local/sbin/[t]cp-oncall-kernel' /proc/[0-9]*/cmdline | while read -r file; do
    process=${file%/cmdline}
    if [ -O "$process" ]; then echo "${process#/proc/}"; fi
  done | head -n 1
}

say_left() {
  echo 'host-setup: removed. Left in place:'
  echo "  the account $account, with its key (userdel -r $account)"
  [ ! -e /etc/default/grub.d/zz-tcp-oncall.cfg ] || echo '  /etc/default/grub.d/zz-tcp-oncall.cfg, by which a kernel that was kept is what boots'
  [ ! -e /etc/sysctl.d/99-zz-tcp-oncall.conf ] || echo '  /etc/sysctl.d/99-zz-tcp-oncall.conf, with the settings that were kept'
}
