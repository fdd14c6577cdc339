# shellcheck disable=SC2154,SC2153 # from host-setup-checks.sh: host-setup.ts puts the parts of a script together
# --- setting the host up --------------------------------------------------------------------------------------------
DIGEST=@DIGEST@

# What the account runs about its own key. Its words are its exit status, since what else it says is the account's.
# shellcheck disable=SC2016 # for the account's shell
KEY_OF_THE_ACCOUNT='
umask 077
PATH=/usr/bin:/bin
cd "$HOME" || exit 20
[ ! -h .ssh ] || exit 21
if [ ! -e .ssh ]; then
  [ "$look" = no ] || exit 10
  mkdir .ssh || exit 20
fi
[ -d .ssh ] && [ -O .ssh ] || exit 22
cd .ssh || exit 22
if [ -h authorized_keys ]; then exit 21; fi
if [ -e authorized_keys ]; then
  [ -f authorized_keys ] || exit 23
  set -- $(ls -ld authorized_keys)
  [ "$2" = 1 ] || exit 21
  grep -v "^[[:space:]]*#" authorized_keys | grep -qF "$type $blob" && exit 0
  [ -O authorized_keys ] || exit 22
fi
[ "$look" = no ] || exit 10
if [ -s authorized_keys ] && [ -n "$(tail -c 1 authorized_keys)" ]; then echo >>authorized_keys || exit 24; fi
printf "%s\n" "$key" >>authorized_keys || exit 24
# sshd reads neither when others may write to them.
chmod go-w . authorized_keys
exit 10
'

host_setup() {
  begin "$@"
  check_key
  check_programs
  check_kernel
  make_account
  [ -z "$key" ] || authorize
  for directory in /usr/local/sbin /etc/sudoers.d /var/lib; do make_directory "$directory"; done
  make_state "$STATE"
  install_program "$HELPER" $DIGEST helper
  install_approvers
  allow_account "$RULES" "$HELPER"
  [ "$kernel" = no ] || set_up_kernel
  [ "$look" = yes ] || say_done
}

say_done() {
  echo "host-setup: done. $account may run $HELPER$(also_kernel) as root."
  [ ! -e "$APPROVERS" ] || echo "host-setup: it asks for the signatures of $APPROVERS: $(awk '$1 == "approvals" { print $2 }' "$APPROVERS")."
}

also_kernel() { [ "$kernel" = no ] || printf ' and %s' "$KERNEL_HELPER"; }

# A kernel is root: who may install one may do anything, so who that is has to be said.
check_kernel() {
  [ "$kernel" != no ] || return 0
  command -v set_up_kernel >/dev/null || refuse 'this script has no helper for kernels. Print it with: tcp-oncall host-setup --kernel'
  [ "$kernel" = unsigned ] || [ -n "$approvers" ] || [ -e "$APPROVERS" ] ||
    refuse 'whoever may install a kernel is root. Name the approvers whose signatures are needed (--approver-keys), or say --kernel unsigned.'
}

check_key() {
  [ -n "$key" ] || return 0
  case $key in *[!A-Za-z0-9+/=@.:_\ -]*) refuse 'that is not a public key of OpenSSH.' ;; esac
  printf '%s\n' "$key" |
    grep -Eqx '(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( [A-Za-z0-9_@.:+-]*)?' ||
    refuse 'that is not a public key of OpenSSH.'
}

check_programs() {
  for command in sudo visudo awk dd setsid su timeout sha256sum ${approvers:+openssl}; do
    command -v "$command" >/dev/null || refuse "this host has no $command; install it first."
  done
}

make_account() {
  if ! id "$account" >/dev/null 2>&1; then
    changing "account $account" || return 0
    useradd --system --create-home --shell /bin/sh "$account" 2>/dev/null || adduser -S -D -s /bin/sh "$account" ||
      refuse "the account $account could not be made."
    # No password, and yet not locked: sshd without PAM refuses a locked account, also with a key.
    printf '%s:*\n' "$account" | chpasswd -e || refuse "the account $account could not be unlocked for its key."
  fi
  [ "$(id -u "$account")" != 0 ] || refuse "$account is root. Use an ordinary account: what it may do as root is the point."
}

# With the account's rights, whatever it has prepared in its home: a link takes it nowhere that it could not go by itself.
# In a session of its own, with nothing of ours open or in its environment and a time limit, since the account may take over
# what runs as it.
authorize() {
  if ! id "$account" >/dev/null 2>&1; then return 0; fi
  type=${key%% *}
  blob=${key#* }
  blob=${blob%% *}
  status=0
  env -i PATH="$PATH" timeout -s KILL 30 setsid su -s /bin/sh "$account" \
    -c "look=$look type='$type' blob='$blob' key='$key'$KEY_OF_THE_ACCOUNT" </dev/null >/dev/null 2>&1 || status=$?
  by_hand="Have a look at it, or add the key by hand and run this without one."
  case $status in
    0) ;;
    10) changing "authorized_keys of $account" || : ;;
    20) refuse "the account $account cannot enter its home directory or make .ssh there. $by_hand" ;;
    21) refuse ".ssh or .ssh/authorized_keys of $account is a link, and links are not followed. $by_hand" ;;
    22) refuse ".ssh or .ssh/authorized_keys of $account does not belong to it. $by_hand" ;;
    23) refuse ".ssh/authorized_keys of $account is not a file. $by_hand" ;;
    24) refuse "the account $account cannot write to its .ssh/authorized_keys. $by_hand" ;;
    *) refuse "nothing could be done as $account (su ended with status $status). $by_hand" ;;
  esac
}

make_directory() {
  if [ ! -d "$1" ]; then
    roots_alone "$(nearest "$1")"
    changing "$1" || return 0
    mkdir -p "$1"
  fi
  roots_alone "$1"
}

# The directory itself or the first above it that is there.
nearest() {
  there=$1
  while [ ! -d "$there" ]; do
    there=${there%/*}
    there=${there:-/}
  done
  printf '%s\n' "$there"
}

# Of a helper.
make_state() {
  [ ! -h "$1" ] || refuse "$1 is a link."
  if [ ! -e "$1" ]; then
    changing "$1" || return 0
    mkdir -m 700 "$1"
  fi
  roots_alone "$1"
  case $(ls -ldn "$1") in
    drwx------*) ;;
    *) if changing "mode of $1"; then chmod 700 "$1"; fi ;;
  esac
}

# is_there FILE MODE DIGEST: as it should be, and root's.
# shellcheck disable=SC2012 # a name of ours
is_there() {
  [ ! -h "$1" ] || refuse "$1 is a link."
  [ ! -d "$1" ] || refuse "$1 is a directory."
  [ -f "$1" ] && [ "$(ls -ln "$1" | awk '{ print substr($1, 1, 10), $3, $4 }')" = "$2 0 0" ] && [ "$(digest "$1")" = "$3" ]
}

digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

new=
trap '[ -z "$new" ] || rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM

# put MODE FILE: makes the draft the file, in one step.
put() {
  chown 0:0 "$new"
  chmod "$1" "$new"
  mv -f "$new" "$2"
  new=
}

# install_program FILE DIGEST FUNCTION: what the function prints.
install_program() {
  if is_there "$1" -rwxr-xr-x "$2"; then return 0; fi
  changing "$1" || return 0
  # Where some shells put what comes between << and its end.
  TMPDIR="$STATE"
  export TMPDIR
  new=$(mktemp "$1.XXXXXX")
  "$3" >"$new"
  [ "$(digest "$new")" = "$2" ] || refuse 'the helper did not arrive whole.'
  put 755 "$1"
}

# allow_account FILE PROGRAM: with a file of sudo's for each program.
allow_account() {
  rule="$account ALL=(root) NOPASSWD: $2"
  if is_there "$1" -r--r----- "$(printf '%s\n' "$rule" | sha256sum | cut -d ' ' -f 1)"; then return 0; fi
  changing "$1" || return 0
  # sudo passes over names with a dot.
  new=$(mktemp "$1.XXXXXX")
  printf '%s\n' "$rule" >"$new"
  visudo -c -q -f "$new" || refuse 'visudo does not accept the rule.'
  put 440 "$1"
}

helper() {
  cat <<'END_OF_TCP_ONCALL_HELPER'
@HELPER@
END_OF_TCP_ONCALL_HELPER
}
