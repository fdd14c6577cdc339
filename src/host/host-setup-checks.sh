# shellcheck disable=SC2034 # for what follows it: host-setup.ts puts the parts of a script together
# --- what setting a host up and undoing it share --------------------------------------------------------------------
set -eu
umask 022
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL
HELPER=/usr/local/sbin/tcp-oncall-helper
RULES=/etc/sudoers.d/tcp-oncall-changes
STATE=/var/lib/tcp-oncall
APPROVERS=/etc/tcp-oncall/approvers
KERNEL_HELPER=/usr/local/sbin/tcp-oncall-kernel
KERNEL_RULES=/etc/sudoers.d/tcp-oncall-kernel
KERNEL_STATE=/var/lib/tcp-oncall-kernel
KERNEL_UNSIGNED=/etc/tcp-oncall/kernel-unsigned
kernel=no
look=no

refuse() {
  printf 'host-setup: %s\n' "$*" >&2
  exit 1
}

# Says what is about to be changed; fails where it is only to be said.
changing() {
  if [ $look = yes ]; then
    echo "host-setup: would change: $1"
    return 1
  fi
  echo "host-setup: changing: $1"
}

begin() {
  while option "${1:-}"; do shift; done
  account=${1:-} key=${2:-}
  [ "$(id -u)" = 0 ] || refuse 'run this as root.'
  case $account in
    '' | [!a-z_]* | *[!a-z0-9_-]*) refuse "\"$account\" is not an account name." ;;
  esac
  [ ${#account} -le 32 ] || refuse "\"$account\" is too long for an account name."
}

# Root writes only where nobody else can: in a directory that an ordinary account may change, that account could put a link
# in the way, or its own program in the helper's place. This looks at the directory and all above it, and at every link on
# the way there, with all that is above what it names.
roots_alone() {
  [ -d "$1" ] || refuse "$1 is not a directory."
  above=$1
  while [ "$above" != / ]; do
    root_owned "$above" "${2:-Run: chown root $above}"
    if [ -h "$above" ]; then
      # In a shell of its own, which has its own place on the way up.
      (roots_alone "$(named_by "$above")" "The link $above leads there.") || exit 1
    fi
    above=${above%/*}
    above=${above:-/}
  done
  root_owned / 'Run: chown root /'
}

# The path that a link names, from / on.
named_by() {
  to=$(readlink "$1")
  case $to in
    /*) printf '%s\n' "$to" ;;
    *) printf '%s\n' "${1%/*}/$to" ;;
  esac
}

root_owned() {
  directory=$1 advice=$2
  # shellcheck disable=SC2046 # columns
  set -- $(ls -ldnL "$directory")
  [ "$3" = 0 ] || refuse "$directory belongs to user $3, who could replace what root puts there. $advice"
  case $1 in
    ????????w*) refuse "everyone may write to $directory and replace what root puts there. Run: chmod o-w $directory" ;;
    ?????w*+) refuse "$directory has an access list that lets others write. Run: setfacl -b $directory" ;;
    ?????w*)
      group=$4
      who=$(members "$group" | sort -u | tr '\n' ' ')
      [ -z "$who" ] ||
        refuse "members of group $group (${who% }) may write to $directory and replace what root puts there. Run: chmod g-w $directory"
      ;;
  esac
}

# Everyone but root who is in the group of that number, under whatever name it has, or may enter it with its password.
members() {
  groups_of "$1" | cut -d: -f4 | tr ',' '\n' | grep -vx -e '' -e root || :
  {
    groups_of "$1"
    groups_of "$1" | cut -d: -f1 | while read -r name; do grep "^$name:" /etc/gshadow 2>/dev/null || :; done
  } | awk -F: '$2 ~ /^[^!*x]/ { print "anyone-with-its-password" }'
  { getent passwd 2>/dev/null || cat /etc/passwd; } | awk -F: -v gid="$1" '$4 == gid && $3 != 0 { print $1 }'
}

# One that a directory service knows may be the first of that number and not the only one.
groups_of() {
  { getent group "$1" || :; getent group || :; cat /etc/group; } 2>/dev/null | awk -F: -v gid="$1" '$3 == gid'
}
