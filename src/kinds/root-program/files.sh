# shellcheck shell=sh disable=SC2154 # root-program.ts puts the parts of a program together
# A new file in the place of the old one, whole or not at all.
store() { { printf '%s' "$3" >"$1/$2.new" && mv -f "$1/$2.new" "$1/$2"; } 2>/dev/null; }

# A line in one of the change's files. Where there is no room for another file, the line is written over the old one.
set_line() {
  store "$C" "$1" "$2$NL" && return 0
  rm -f "$C/$1.new"
  [ -e "$C/$1" ] && printf '%s\n' "$2" | dd of="$C/$1" bs=65536 conv=notrunc 2>/dev/null
}
