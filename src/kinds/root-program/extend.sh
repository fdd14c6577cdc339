# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # root-program.ts puts the parts of a program together
# The first line of "due" says when; each of the others is the token of an order to prolong that is in it.
is_extended() { [ -n "$token" ] && sed 1d "$C/due" | grep -qxF "$token"; }
prolong() {
  uptime_now
  get_due
  was_due=$due
  due=$((due + $1))
  [ $due -le $last ] || due=$last
  tokens=$(sed 1d "$C/due" | tail -n 50)
  set_line due "$due${tokens:+$NL}$tokens${token:+$NL}$token" || refuse "no-journal $STATE cannot be written"
  [ $due = "$was_due" ] || journal "extended to $((due - now)) s"
}
show_extended() {
  {
    read -r _
    while read -r each; do say "extended $each"; done
  } <"$C/due"
}
