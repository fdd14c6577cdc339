#!/bin/sh
# Makes the disk that guests begin with, once, and prints its directory: `disk.img` (Debian with systemd, sshd, sudo and a
# real GRUB, on one ext2 partition), the keys `ops` and `root` that may log in, `host.pub`, and `kernels`, a link to what
# bin/small-kernel made. Needs root for debootstrap; no loop device, no mount.
set -eu
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin:/sbin

PACKAGES=openssh-server,sudo,openssl,grub2-common,grub-pc-bin,systemd-sysv,iproute2
# MiB from the start of the disk to the partition, and all of it; the partition table below says the same.
BEFORE=1
SIZE=1024
FIRST_BOOT_SECONDS=600

say() {
  echo "guest-disk: $*" >&2
}

fail() {
  say "$*"
  exit 1
}

[ "$(id -u)" = 0 ] || fail 'debootstrap needs root.'
kernels=$(../../bin/small-kernel)
cache=${kernels%/*}
place=$cache/guest-$({ echo "$kernels" && cat make-disk.sh qemu.sh; } | sha256sum | cut -c 1-16)
work=$place/work
root=$work/root

main() {
  exec 9>"$cache/guest-lock"
  flock -n 9 || { say 'another one is making it; waiting for that' && flock 9; }
  if [ ! -e "$place/complete" ]; then make_all; fi
  touch "$place/complete"
  echo "$place"
}

make_all() {
  say "making the disk of the guests in $place; this takes about two minutes, once"
  rm -rf "$place"
  mkdir -p "$work"
  debootstrap --variant=minbase --include=$PACKAGES bookworm "$root" >"$place/log" 2>&1 ||
    { tail -n 5 "$place/log" >&2 && fail "debootstrap failed; all it said is in $place/log"; }
  for key in ops root host; do ssh-keygen -q -t ed25519 -N '' -C '' -f "$place/$key"; done
  settle
  first_boot_unit
  boot_files
  write_disk
  say 'booting it for the first time'
  first_boot
  rm -rf "$work"
  ln -s "$kernels" "$place/kernels"
  : >"$place/complete"
}

# A host with one account and no more services than it needs: emulated, each costs a second.
settle() {
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/locale/* "$root"/usr/share/man/*
  echo guest-01 >"$root/etc/hostname"
  echo '127.0.0.1 localhost guest-01' >"$root/etc/hosts"
  echo '/dev/vda1 / ext2 defaults 0 0' >"$root/etc/fstab"
  rm -f "$root"/etc/ssh/ssh_host_*
  install -m 600 "$place/host" "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$place/host.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  printf 'UsePAM no\nPasswordAuthentication no\nPrintMotd no\n' >"$root/etc/ssh/sshd_config.d/guest.conf"
  chroot "$root" useradd -m -s /bin/bash -p '*' ops
  allow ops /home/ops
  allow root /root
  # This small a kernel has no such number of processes.
  rm -f "$root/usr/lib/sysctl.d/50-pid-max.conf"
  mkdir -p "$root/etc/systemd/system.conf.d"
  printf '[Manager]\nDefaultTimeoutStopSec=10s\nShowStatus=no\n' >"$root/etc/systemd/system.conf.d/guest.conf"
  for unit in $NEEDLESS; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
  ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
  network_unit
}

# What the kernel has no part for, what waits for a person at a screen, and what is done now and then on a machine that stays.
NEEDLESS='serial-getty@ttyS0.service console-getty.service getty@tty1.service getty-static.service getty.target
  systemd-logind.service e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
  fstrim.timer systemd-tmpfiles-clean.timer systemd-pstore.service systemd-update-utmp.service
  systemd-update-utmp-runlevel.service systemd-ask-password-wall.path systemd-ask-password-console.path dev-hugepages.mount
  dev-mqueue.mount proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount sys-kernel-config.mount
  sys-kernel-debug.mount sys-kernel-tracing.mount systemd-binfmt.service systemd-firstboot.service
  systemd-machine-id-commit.service systemd-modules-load.service kmod-static-nodes.service systemd-pcrphase-sysinit.service
  systemd-pcrphase.service systemd-random-seed.service systemd-repart.service systemd-sysusers.service
  systemd-tmpfiles-setup-dev.service systemd-journal-flush.service systemd-initctl.socket systemd-journald-audit.socket
  remote-fs.target cryptsetup.target veritysetup.target integritysetup.target systemd-fsck-root.service'

# USER HOME
allow() {
  mkdir -p "$root$2/.ssh"
  chmod 700 "$root$2/.ssh"
  cp "$place/$1.pub" "$root$2/.ssh/authorized_keys"
  chroot "$root" chown -R "$1:$1" "$2/.ssh"
}

# The addresses of QEMU's own network. No service of the host says so when there is no card.
network_unit() {
  unit guest-network <<'END'
[Unit]
DefaultDependencies=no
Before=ssh.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/bin/sh -ec 'ip link set lo up; ip link set eth0 up; ip address add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2'
[Install]
WantedBy=multi-user.target
END
}

# The kernel is installed by dpkg on the booted host, as a distribution's is, so that GRUB's menu is made there.
first_boot_unit() {
  cp "$kernels/debs/vanilla.deb" "$root/root/"
  unit first-boot <<'END'
[Unit]
After=ssh.service
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
ExecStart=/bin/sh -c 'rm /boot/vmlinuz-first && dpkg -i /root/vanilla.deb && rm /etc/systemd/system/multi-user.target.wants/first-boot.service /etc/systemd/system/first-boot.service /root/vanilla.deb && echo first boot: done'
ExecStopPost=/bin/systemctl --no-block reboot
[Install]
WantedBy=multi-user.target
END
}

# NAME, the unit on stdin
unit() {
  cat >"$root/etc/systemd/system/$1.service"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -s "../$1.service" "$root/etc/systemd/system/multi-user.target.wants/"
}

boot_files() {
  command_line='console=ttyS0 net.ifnames=0 random.trust_cpu=on panic=5'
  cat >"$root/etc/default/grub" <<END
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="$command_line"
GRUB_TERMINAL=serial
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
END
  mkdir -p "$root/boot/grub/i386-pc"
  cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root/boot/grub/i386-pc/"
  chroot "$root" grub-editenv /boot/grub/grubenv create
  chroot "$root" grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o /boot/grub/i386-pc/core.img \
    biosdisk part_msdos ext2 normal loadenv linux serial terminal configfile
  # For the first boot alone.
  dpkg-deb --fsys-tarfile "$kernels/debs/vanilla.deb" | tar -xO ./boot/vmlinuz-6.1.192 >"$root/boot/vmlinuz-first"
  echo "linux /boot/vmlinuz-first root=/dev/vda1 ro $command_line
boot" >"$root/boot/grub/grub.cfg"
}

# GRUB's first sector with the table of one partition in it, GRUB's core behind it, and the partition.
write_disk() {
  disk=$work/disk.img
  truncate -s ${SIZE}M "$disk"
  mke2fs -q -F -t ext2 -O ^metadata_csum,^64bit,^has_journal,^resize_inode -d "$root" -E offset=$((BEFORE * 1048576)) \
    "$disk" $((SIZE - BEFORE))M
  head -c 440 "$root/usr/lib/grub/i386-pc/boot.img" | place_at 0
  printf '\021\042\063\104\0\0\200\376\377\377\203\376\377\377\0\010\0\0\0\370\037\0' | place_at 440
  printf '\125\252' | place_at 510
  place_at 512 <"$root/boot/grub/i386-pc/core.img"
}

place_at() {
  dd of="$disk" bs=1M oflag=seek_bytes seek="$1" conv=notrunc status=none
}

first_boot() {
  timeout $FIRST_BOOT_SECONDS ./qemu.sh "$disk" "$place/console" 9>&- || fail "it did not end; see $place/console"
  grep -q '^first boot: done' "$place/console" || fail "it went wrong; see $place/console"
  cp --sparse=always "$disk" "$place/disk.img"
}

main
