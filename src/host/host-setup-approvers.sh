# shellcheck disable=SC2154,SC2153,SC2034 # from host-setup-checks.sh: host-setup.ts puts the parts of a script together
# --- approvers: whose signatures the host asks for ------------------------------------------------------------------
approvals=1 break_glass=no approvers='' host_keys=''

# Fails for what is no option.
option() {
  case $1 in
    --look) look=yes ;;
    --approvals=[1-8]) approvals=${1#*=} ;;
    --break-glass) break_glass=yes ;;
    --approver=*) add_approver "${1#*=}" ;;
    --kernel) kernel=signed ;;
    --kernel=unsigned) kernel=unsigned ;;
    --host-key=*) host_keys="$host_keys ${1#*=}" ;;
    --*) refuse "\"$1\" is not an option." ;;
    *) return 1 ;;
  esac
}

# USER:KEY, as the configuration of the bot has them.
add_approver() {
  printf '%s\n' "$1" | grep -Eqx '[UW][A-Z0-9]{2,}:MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=' ||
    refuse "\"$1\" is not an approver: a Slack user id, a colon, and a key as tcp-oncall approver-key prints it."
  approvers="$approvers
key slack:${1%%:*} ${1#*:}"
}

# Without approvers those that are there stay: nothing but removal makes a host ask for less.
install_approvers() {
  [ -n "$approvers" ] || return 0
  make_directory "${APPROVERS%/*}"
  wanted=$(approvers_text)
  if is_there "$APPROVERS" -rw-r--r-- "$(printf '%s\n' "$wanted" | sha256sum | cut -d ' ' -f 1)"; then return 0; fi
  changing "$APPROVERS" || return 0
  new=$APPROVERS.new
  rm -f "$new"
  printf '%s\n' "$wanted" >"$new"
  ask_helper
  put 644 "$APPROVERS"
}

approvers_text() {
  fingerprints=$(own_fingerprints)
  [ -n "$fingerprints" ] || refuse 'no public host key was found. Name each file, before the account: --host-key=/etc/ssh/ssh_host_ed25519_key.pub'
  printf 'tcp-oncall approvers 1\napprovals %s\nbreak-glass %s\n%s%s\nend\n' "$approvals" "$break_glass" "$fingerprints" "$approvers"
}

# Of the keys by which this host is known, in the order of its sshd.
own_fingerprints() {
  [ -n "$host_keys" ] || host_keys=$(sshd -T 2>/dev/null | awk '$1 == "hostkey" { sub(/[.]pub$/, "", $2); print $2 ".pub" }')
  for file in ${host_keys:-/etc/ssh/ssh_host_*_key.pub}; do
    blob=$(awk '/^(ssh|ecdsa|sk)-/ { print $2; exit }' "$file" 2>/dev/null) || continue
    [ -z "$blob" ] || printf 'hostkey SHA256:%s\n' "$(printf '%s' "$blob" | openssl base64 -d -A | openssl dgst -sha256 -binary |
      openssl base64 -A | tr -d =)"
  done
}

# The helper reads the new list as it will read it from then on, and verifies a signature that it knows.
ask_helper() {
  said=$("$HELPER" @PROTOCOL@ setup approvers new) && return 0
  case $said in
    *no-verifier*) refuse "$(openssl version) cannot verify signatures of Ed25519. Install OpenSSL 3, or set the host up without approvers." ;;
    *'is damaged') refuse "these approvers cannot be used: fewer than $approvals, more than 32, or a person or a key twice." ;;
    *) refuse "the helper does not take the list of approvers (${said#setup refused })." ;;
  esac
}
