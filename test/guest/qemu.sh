#!/bin/sh
# DISK CONSOLE [PORT]: one boot of a guest, until it resets itself. Only loopback's PORT leads to it, to its sshd, and it
# reaches nothing. Emulated, so that it is the same on every machine, and its clock goes by what it has executed: beside load
# a minute of its own takes longer, and is still a minute to all that it measures.
set -eu
forward=${3:+,hostfwd=tcp:127.0.0.1:$3-:22}
exec qemu-system-x86_64 -machine pc -accel tcg,tb-size=128 -icount shift=3 -m 384 -nodefaults -display none -no-reboot \
  -serial "file:$2" -drive "file=$1,format=raw,if=virtio,cache=unsafe" \
  -netdev "user,id=net,restrict=on$forward" -device virtio-net-pci,netdev=net,romfile= -device virtio-rng-pci
