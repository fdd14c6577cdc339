#!/bin/sh
# shellcheck disable=SC2154 # what a recipe is given by the runner
# A recipe for tests of the runner: "compiles" files of one word, and goes wrong as $HOME/knobs says.

knob() { cat "$HOME/knobs/$1" 2>/dev/null || echo "${2:-}"; }
held() { while [ -e "$HOME/knobs/hold-$1" ]; do sleep 0.05; done; }
# What a knob named after the stage has is run in it.
step() { held "$1" && eval "$(knob "$1")"; }

fake_missing() { cat "$HOME/knobs/missing" 2>/dev/null; }
fake_unpack() { step unpack && echo source >"$sources/tree"; }
fake_patch() {
  step patch || return
  echo "$seconds" >"$sources/define"
  echo '--- a/define' >out/patch
}
fake_configure() { step configure && cp in/config "$objects/.config" && : >out/config-diff; }

# A unit is a process of its own, as a compiler is; it makes its file at once or not at all, unless power is lost.
fake_compile() {
  expect "$(if [ -e "$objects/linked" ]; then echo warm; else echo cold; fi)" "$(knob estimate -)"
  n=0
  while [ $n -lt "$(knob units 8)" ]; do
    n=$((n + 1))
    [ ! -e "$objects/$n.o" ] || continue
    echo "  CC      drivers/$n.o"
    sh -c 'sleep "$1" && echo object >"$2.new" && mv "$2.new" "$2"' sh "$(knob pace 0)" "$objects/$n.o" || return
    held "unit-$n"
  done
  step compile && link
}

link() {
  n=0
  while [ $n -lt "$(knob units 8)" ]; do
    n=$((n + 1))
    grep -qx object "$objects/$n.o" || { echo "ld: $n.o: file truncated" && return 1; }
  done
  : >"$objects/linked"
}

fake_package() {
  step package || return
  cat "$objects"/*.o >"$work/linux-image-$release-tw$seconds-${id}_1_amd64.deb"
  ship "$work/linux-image-$release-tw$seconds-${id}_1_amd64.deb"
  note release "$release-tw$seconds-$id"
  note source "$package" "$version" "$(sha256 "$sources/tree")"
  note compiler 'fake 1.0'
}
fake_check() { step check; }
