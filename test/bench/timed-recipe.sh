#!/bin/sh
# shellcheck disable=SC2154 # what a recipe is given by the runner
# The recipe for Debian, with the CPU of each of its stages in the job's file "times".
timed() { trap 'times >>"$job/times"' EXIT && "$@"; }
timed_missing() { deb_missing; }
timed_unpack() { timed deb_unpack; }
timed_patch() { timed deb_patch; }
timed_configure() { timed deb_configure; }
timed_compile() { timed deb_compile; }
timed_package() { timed deb_package; }
timed_check() { timed deb_check; }
