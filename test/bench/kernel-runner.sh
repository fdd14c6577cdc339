#!/bin/bash
# What the runner costs a build host, as the first process of a namespace, which inherits and counts every process of a job:
# `unshare -p --fork --kill-child --mount-proc kernel-runner.sh ACCOUNT HOME BOOT PROGRAM WORD…`
# Builds a kernel cold, then warm, asked every five seconds as the bot asks; then warm once more by hand. Prints of each
# build: NAME WALL_SECONDS CPU_SECONDS, and of the product's what of it was the recipe's. bash, because it buries orphans.
set -eu
account=$1 home=$2 boot=$3 program=$4
shift 4
words=("$@")
export LC_ALL=C
kernels=$home/.tcp-oncall/kernel

as() { setpriv --reuid="$account" --regid="$account" --clear-groups env -i HOME="$home" PATH="$PATH" "$@"; }
runner() { as sh -c "$boot" kernel w0rd "$@"; }

# Sums what `times` prints: minutes and seconds.
seconds() { tr ' ' '\n' | awk -F '[ms]' 'NF > 1 { sum += $1 * 60 + $2 } END { print sum }'; }

# Sets now and cpu, which is that of all children so far.
look_at_clocks() {
  times >"$home/clocks"
  cpu=$(tail -n 1 "$home/clocks" | seconds)
  now=$(date +%s.%N)
}

# NAME COMMAND…: runs it and prints its clocks.
measure() {
  name=$1
  shift
  look_at_clocks
  began=$now before=$cpu
  "$@"
  look_at_clocks
  awk -v name="$name" -v wall="$now - $began" -v cpu="$cpu - $before" -v recipe="$recipe" '
    function minus(text) { split(text, of, " - "); return of[1] - of[2] }
    BEGIN { print name, minus(wall), minus(cpu), recipe }'
}

# ID SECONDS
product() {
  runner build "$1" "${words[@]}" "seconds=$2" <"$program" >/dev/null
  while answer=$(runner look "$1" line=0 </dev/null) && [[ $answer == *'state building'* ]]; do sleep 5; done
  [[ $answer == *'state built'* ]] || { echo "$answer" >&2 && exit 1; }
  recipe=$(seconds <"$kernels/$1/times")
}

# SECONDS: the commands of an engineer who has done it before.
by_hand() {
  recipe=-
  as nice -n 10 sh -euc '
    objects=$(echo "$1"/objects/linux-source-*)
    cd "$1"/sources/*
    sed -i "s/\(TCP_TIMEWAIT_LEN (\)[0-9]*/\1$2/" include/net/tcp.h
    make O="$objects" LOCALVERSION=-tw"$2"-hand KBUILD_BUILD_USER=tcp-oncall \
      KBUILD_BUILD_VERSION=1 KDEB_PKGVERSION=1 -j"$(nproc)" bindeb-pkg
    objdump -d "$objects/vmlinux" --disassemble=tcp_time_wait | grep -i "\$0x$(printf %x $(($2 * 250)))"
  ' sh "$kernels" "$1" >"$home/by-hand.log" 2>&1 || { tail -n 20 "$home/by-hand.log" >&2 && exit 1; }
}

recipe=-
measure cold product abcdefgh 15
measure warm product bcdefghi 20
measure hand by_hand 25
