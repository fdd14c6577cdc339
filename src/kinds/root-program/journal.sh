# shellcheck shell=sh disable=SC2154,SC2034 # root-program.ts puts the parts of a program together
change_directory() {
  case $1 in '' | *[!a-z0-9]*) refuse 'bad-id letters and digits only' ;; esac
  [ ${#1} -le 32 ] || refuse 'bad-id at most 32 characters'
  ID=$1
  C=$STATE/changes/$1
  [ ! -h "$C" ] || refuse "unsafe-state $C is a link"
}

stamp=
journal() {
  [ -n "$stamp" ] || stamp=$(date +%s)
  printf '%s %s\n' "$stamp" "$*" 2>/dev/null >>"$C/journal"
}

# Sets `got` to the first line of one of the change's files, without a process; fails when there is none.
get() {
  got=
  { read -r got <"$C/$1"; } 2>/dev/null
  [ -n "$got" ]
}

# The same for a whole number; fails, with 0, where there is none.
get_number() {
  get "$1"
  case $got in '' | 0?* | *[!0-9]* | ???????????*) got=0 && return 1 ;; esac
}
