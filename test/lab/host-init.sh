#!/bin/sh
# Process 1 of a lab host: builds the host's private view of the machine, then becomes its sshd.
# $1 empty directory to build in, $2 files of every host, $3 files of this host, $4 host name, $5 variant,
# $6 the node binary, $7 the actors' directory.
set -eu
work=$1 base=$2 own=$3 name=$4 variant=$5 node=$6 actors=$7
root=$work/root

hostname "$name"
mount -t tmpfs -o size=64m,mode=755 tmpfs "$work"
mkdir "$work/upper" "$work/overlay" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" overlay "$root"

# Only the operating system shows through; what people keep on this machine does not.
for dir in "$root"/* "$root"/.[!.]*; do
  case ${dir#"$root"/} in
    bin | sbin | lib* | usr | etc | dev | proc | sys) ;;
    *) if [ -d "$dir" ] && [ ! -L "$dir" ]; then mount -t tmpfs -o size=8m,mode=755 tmpfs "$dir"; else rm -f "$dir"; fi ;;
  esac
done
rm -rf "$root/etc/ssh" "$root/etc/sudoers.d" "$root/etc/sysctl.d" "$root/etc/sysctl.conf"
mkdir -p "$root/etc/sudoers.d"
mkdir -p "$root/run/sshd" "$root/run/lock" "$root/var/log" "$root/var/tmp" "$root/var/lib" "$root/opt/lab" "$root/home"
cp -a "$base/." "$own/." "$root/"
chmod 1777 "$root/tmp" "$root/var/tmp"
for user in ops:2001 app:2002 guest:2003 noshell:2004 admin:2005; do
  install -d -m 700 -o "${user#*:}" -g "${user#*:}" "$root/home/${user%:*}"
done

mount -t tmpfs -o size=1m,mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o size=8m,mode=1777 tmpfs "$root/dev/shm"

# The kernel is shared: of all its switches a host may only turn its own net.*.
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,rw "$root/proc/sys/net"
for entry in bus fs irq sysrq-trigger acpi; do
  if [ -e "$root/proc/$entry" ]; then
    mount --bind "$root/proc/$entry" "$root/proc/$entry"
    mount -o remount,bind,ro "$root/proc/$entry"
  fi
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
if [ -d "$root/sys/fs/cgroup" ]; then
  mount -t cgroup2 -o ro cgroup2 "$root/sys/fs/cgroup" 2>/dev/null || :
fi

mkdir "$root/opt/lab/actors"
: >"$root/opt/lab/node"
mount --bind "$node" "$root/opt/lab/node"
mount -o remount,bind,ro "$root/opt/lab/node"
mount --bind "$actors" "$root/opt/lab/actors"
mount -o remount,bind,ro "$root/opt/lab/actors"

bounding=-sys_admin,-sys_module,-sys_time,-sys_resource,-sys_rawio,-sys_boot,-sys_tty_config,-syslog,-mknod,-bpf,-perfmon
case $variant in
  bash) ln -sfn bash "$root/usr/bin/sh" ;;
  full)
    mount -t tmpfs -o size=64k,mode=1777 tmpfs "$root/var/tmp"
    mount -t tmpfs -o size=64k,mode=700,uid=2001,gid=2001 tmpfs "$root/home/ops"
    for dir in tmp var/tmp home/ops dev/shm; do
      dd if=/dev/zero of="$root/$dir/full" bs=64k 2>/dev/null || :
    done
    ;;
esac

cd "$root"
mkdir old
pivot_root . old
umount -l old
rmdir old
exec </dev/null >>/var/log/sshd.log 2>&1
if [ "$variant" = busybox ]; then
  # setpriv and sshd outlive the tools that are taken away here.
  cp /usr/bin/busybox /usr/bin/setpriv /usr/sbin/sshd /opt/lab/
  mount -t tmpfs -o size=16m,mode=755 tmpfs /usr/bin
  /opt/lab/busybox mount -t tmpfs -o size=16m,mode=755 tmpfs /usr/sbin
  /opt/lab/busybox cp -a /opt/lab/busybox /usr/bin/busybox
  /opt/lab/busybox cp -a /opt/lab/applets/. /usr/bin/
  exec /opt/lab/setpriv --bounding-set "$bounding" /opt/lab/sshd -D -e
fi
exec setpriv --bounding-set "$bounding" /usr/sbin/sshd -D -e
