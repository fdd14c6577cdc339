# The one edit: how long TIME_WAIT lasts. The line is the same from 2.6.32 to today's kernels, and nothing else is touched.

# A tab or a blank may be between the words, and blanks around the star.
DEFINE='#define[[:blank:]][[:blank:]]*TCP_TIMEWAIT_LEN[[:blank:]][[:blank:]]*'
DEFINE_KNOWN="^$DEFINE([0-9][0-9]* \\{0,1\\}\\* \\{0,1\\}HZ)[[:blank:]]*\\(/\\*.*\\)\\{0,1\\}\$"

# Sets `define_is` to the seconds in a header. 3 = there is no such line, more than one, or it has another form.
define_read() {
  [ "$(grep -c 'define[[:blank:]]*TCP_TIMEWAIT_LEN' "$1")" = 1 ] || return 3
  define_is=$(sed -n "/$(slashed "$DEFINE_KNOWN")/s/^$DEFINE(\\([0-9]*\\).*/\\1/p" "$1")
  [ -n "$define_is" ] || return 3
}

slashed() { printf %s "$1" | sed 's,/,\\/,g'; }

# HEADER SECONDS. Leaves a header alone that is as wanted, so that nothing is compiled again for it. 4 = no such length.
define_set() {
  case $2 in [5-9] | [1-5][0-9] | 60) ;; *) return 4 ;; esac
  define_read "$1" || return
  if [ "$define_is" = "$2" ]; then
    echo "already $2"
    return
  fi
  # A copy that takes its place: a tree may share this file with another by hard links.
  sed "s/^\\($DEFINE\\)([0-9]*/\\1($2/" "$1" >"$1.new" && mv "$1.new" "$1" && echo "applied $define_is -> $2"
}

# PRISTINE EDITED: prints the patch that a tree takes with -p1. Five lines around the change: exact context, and long enough
# for specs that pass over a patch of nine lines or fewer without a word.
define_patch() { diff -U5 --label a/include/net/tcp.h --label b/include/net/tcp.h "$1" "$2"; }
