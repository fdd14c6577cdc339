# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC2153 # root-program.ts puts the parts of a program together
# `state` and `why` are what is true; the files are what the next helper is told. Fails when it cannot be told.
state=
why=
look() {
  get_state
  state=$got
  get why
  why=$got
}
become() {
  state=$1
  set_line state "$1"
  told=$?
  journal "$1 ${2:-}"
  return $told
}

# What this helper knows never to have begun, and never will.
is_never_begun() { [ -e "$STATE/never" ] && grep -qxF "$ID" "$STATE/never"; }
never_begin() {
  {
    { [ ! -e "$STATE/never" ] || tail -n $((MOST_NEVER_BEGUN - 1)) "$STATE/never"; } >"$STATE/never.new" &&
      printf '%s\n' "$ID" >>"$STATE/never.new" && mv -f "$STATE/never.new" "$STATE/never"
  } 2>/dev/null
}
