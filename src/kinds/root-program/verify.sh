# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # root-program.ts puts the parts of a program together
# Where there are approvers, refuses an order that not enough of them have signed, for this host, in time.
verify() {
  [ -e "$APPROVERS" ] || [ -h "$APPROVERS" ] || return 0
  read_approvers "$APPROVERS"
  case " $hostkeys " in *" $hostkey "*) ;; *) refuse "other-host $hostkey" ;; esac
  is_in_time || refuse "order-expired $expires"
  alone=
  [ "$break_glass:$glass_allowed" != yes:yes ] || alone=1 approvals=1
  count_signers
  [ $signers -ge "$approvals" ] && return 0
  can_verify || refuse 'no-verifier openssl cannot verify signatures of Ed25519'
  refuse "not-signed $signers of $approvals"
}
