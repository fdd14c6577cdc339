# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # root-program.ts puts the parts of a program together
# Sets what the file says. What is damaged, or not root's alone, refuses everything.
read_approvers() {
  if ! is_roots "${1%/*}" || ! is_roots "$1"; then refuse "approvers $1 is not root's alone"; fi
  listing=$(head -c 16384 "$1" | check_approvers) || refuse "approvers $1 is damaged"
  hostkeys='' keys=''
  while read -r name value key; do
    case $name in
      approvals) approvals=$value ;;
      break-glass) glass_allowed=$value ;;
      hostkey) hostkeys="$hostkeys $value" ;;
      key) keys="$keys$value $key$NL" ;;
    esac
  done <<END
$listing
END
}

is_roots() {
  while read -r mode _ owner _; do
    case $mode:$owner in [-d]????-??-*:0) return 0 ;; esac
  done <<END
$(ls -ldn "$1")
END
  return 1
}

# Prints the lines again; fails where one is none, is missing, or names a person or a key twice.
check_approvers() {
  awk '
    NR == 1 { if ($0 != "tcp-oncall approvers 1") bad = 1; next }
    complete { bad = 1 }
    { print }
    NF == 2 && $1 == "approvals" && $2 ~ /^[1-9]$/ { approvals = $2; once[$1]++; next }
    NF == 2 && $1 == "break-glass" && $2 ~ /^(yes|no)$/ { once[$1]++; next }
    NF == 2 && $1 == "hostkey" && length($2) == 50 && $2 ~ /^SHA256:[A-Za-z0-9+\/]+$/ { hosts++; next }
    NF == 3 && $1 == "key" && $2 ~ /^[a-z]+:[A-Za-z0-9_.@-]+$/ && length($3) == 60 && $3 ~ /^MCowBQYDK2VwAyEA[A-Za-z0-9+\/]+=$/ {
      if (seen[$2]++ || seen[$3]++ || ++keys > 32) bad = 1
      next
    }
    $0 == "end" { complete = 1; next }
    { bad = 1 }
    END {
      if (once["approvals"] != 1 || once["break-glass"] != 1 || keys < approvals) bad = 1
      exit bad || !hosts || !complete
    }'
}

# Sets `signers` to how many approvers have signed the order, other than who asked for the change. Stops when they are enough.
count_signers() {
  signers=0
  begin_verifying "$bound"
  for signature in $signatures; do
    add_signature "$signature"
  done
  while read -r owner key; do
    # Whichever surface the order names: it is one person.
    [ "${owner#*:}" != "${requester#*:}" ] || [ -n "$alone" ] || continue
    ! has_signed "$key" || signers=$((signers + 1))
    [ $signers -lt "$approvals" ] || break
  done <<END
$keys
END
}

can_verify() {
  begin_verifying "$KNOWN_TEXT"
  add_signature "$KNOWN_SIGNATURE"
  has_signed "$KNOWN_KEY"
}

# The caller's environment may name a configuration of openssl.
openssl_alone() { env -i PATH="$PATH" openssl "$@"; }

# In root's own directory, and nowhere else.
begin_verifying() {
  draft=$STATE/draft count=0
  rm -rf "$draft"
  { mkdir "$draft" && store "$draft" text "$1"; } || refuse "no-journal $STATE cannot be written"
}

add_signature() {
  count=$((count + 1))
  printf '%s' "$1" | openssl_alone base64 -d -A >"$draft/signature$count" || :
}

# Whether one of the signatures is by this key.
has_signed() {
  store "$draft" key "-----BEGIN PUBLIC KEY-----$NL$1$NL-----END PUBLIC KEY-----$NL" || return 1
  number=0
  while [ $number -lt $count ]; do
    number=$((number + 1))
    openssl_alone pkeyutl -verify -pubin -inkey "$draft/key" -rawin -in "$draft/text" \
      -sigfile "$draft/signature$number" </dev/null >/dev/null 2>&1 && return 0
  done
  return 1
}

# For host-setup, which asks it of a new file before it takes the place of the old one; and for who wants to know.
tell_approvers() {
  lock
  file=$APPROVERS
  [ "$1" != new ] || file=$APPROVERS.new
  if [ -e "$file" ] || [ -h "$file" ]; then
    read_approvers "$file"
    can_verify || refuse 'no-verifier openssl cannot verify signatures of Ed25519'
    say "approvers $approvals of $(printf '%s' "$keys" | grep -c '')"
  else
    say 'approvers 0'
  fi
}
