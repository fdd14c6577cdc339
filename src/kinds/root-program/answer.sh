# shellcheck shell=sh disable=SC2154 # root-program.ts puts the parts of a program together
# The answer is kept until the lock is free: a caller that does not read it keeps nobody waiting.
answer=
say() { answer="$answer$WORD $*$NL"; }
refuse() {
  say "refused $*"
  finish 1
}
finish() {
  release
  printf '%s' "$answer"
  exit "$1"
}
