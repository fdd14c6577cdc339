#!/bin/sh
# What a build host is told to run: sh -c BOOT kernel WORD VERB ID …, for build and cancel with the program (runner.sh and the
# recipes) on stdin. Keeps the program beside its job, once and whole, and runs it.
set -u
umask 077
LC_ALL=C
export LC_ALL
if [ "$(id -u)" = 0 ]; then
  echo "$1 state failed root"
  exit
fi
case $3 in
  *[!a-z2-7]* | ?????????*) exit 2 ;;
  ????????) ;;
  *) exit 2 ;;
esac
job=${HOME:?}/.tcp-oncall/kernel/$3
program=$job/runner.sh

# Its last line shows that nothing is missing: a connection may be lost on the way.
# shellcheck disable=SC2016 # that line, as it is
save() {
  mkdir -p "$job" && chmod 700 "${job%/*}" && cat >"$program.$$" || return
  if [ "$(tail -n 1 "$program.$$")" = 'main "$@"' ]; then mv "$program.$$" "$program"; else rm -f "$program.$$"; fi
}

full() {
  echo "$1 state failed no-space ~/.tcp-oncall/kernel cannot be written"
  exit
}

# A job is finished by the program that began it, whatever came since.
case $2 in
  build | cancel) if [ -s "$program" ]; then cat >/dev/null; else save || full "$1"; fi ;;
esac
if [ -s "$program" ]; then exec sh "$program" "$@" </dev/null; fi
echo "$1 state none"
