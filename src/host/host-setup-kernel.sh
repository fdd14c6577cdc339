# shellcheck disable=SC2154,SC2153,SC2034 # from host-setup-checks.sh: host-setup.ts puts the parts of a script together
# --- kernels --------------------------------------------------------------------------------------------------------
KERNEL_DIGEST=@KERNEL_DIGEST@

set_up_kernel() {
  make_state "$KERNEL_STATE"
  say_who_signs
  install_program "$KERNEL_HELPER" $KERNEL_DIGEST kernel_helper
  allow_account "$KERNEL_RULES" "$KERNEL_HELPER"
}

# The helper asks for signatures unless root has made this file.
say_who_signs() {
  make_directory "${KERNEL_UNSIGNED%/*}"
  [ ! -h "$KERNEL_UNSIGNED" ] || refuse "$KERNEL_UNSIGNED is a link."
  if [ "$kernel" = signed ]; then
    [ -e "$KERNEL_UNSIGNED" ] || return 0
    if changing "$KERNEL_UNSIGNED"; then rm -f "$KERNEL_UNSIGNED"; fi
    return
  fi
  [ ! -e "$KERNEL_UNSIGNED" ] || return 0
  changing "$KERNEL_UNSIGNED" || return 0
  new=$(mktemp "$KERNEL_UNSIGNED.XXXXXX")
  echo "$account may have kernels installed here that nobody has signed for, which makes it root." >"$new"
  put 644 "$KERNEL_UNSIGNED"
}

kernel_helper() {
  cat <<'END_OF_TCP_ONCALL_KERNEL'
@KERNEL_HELPER@
END_OF_TCP_ONCALL_KERNEL
}
