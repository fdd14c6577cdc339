# shellcheck shell=sh disable=SC2034 # root-program.ts puts the parts of a program together
uptime_now() {
  read -r now _ </proc/uptime
  now=${now%%.*}
}

boot_now() { read -r boot </proc/sys/kernel/random/boot_id; }
