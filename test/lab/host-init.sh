#!/bin/sh
# Process 1 of a lab host: builds the host's private view of the machine, then becomes its sshd.
# $1 empty directory to build in, $2 files of every host, $3 files of this host, $4 host name, $5 variant,
# $6 the node binary, $7 the actors' directory.
set -eu
work=$1 base=$2 own=$3 name=$4 variant=$5 node=$6 actors=$7
root=$work/root

hostname "$name"

# A network namespace begins with what the administrator of this machine has set; a host begins with the kernel's defaults.
# set_all VALUE NAME...
set_all() {
  value=$1
  shift
  for setting; do
    for file in /proc/sys/net/ipv4/conf/*/"$setting"; do echo "$value" >"$file"; done
  done
}
echo 0 >/proc/sys/net/ipv4/ip_forward
set_all 0 rp_filter log_martians arp_ignore arp_announce arp_filter route_localnet
set_all 1 accept_redirects send_redirects
mount -t tmpfs -o size=64m,mode=755 tmpfs "$work"
mkdir "$work/upper" "$work/overlay" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" overlay "$root"

# Only the operating system shows through; what people keep on this machine does not.
hidden=
for dir in "$root"/* "$root"/.[!.]*; do
  case ${dir#"$root"/} in
    bin | sbin | lib* | usr | etc | dev | proc | sys) ;;
    *) if [ -d "$dir" ] && [ ! -L "$dir" ]; then hidden="$hidden $dir"; else rm -f "$dir"; fi ;;
  esac
done

# mount(8) takes them as a list: a process for each would be most of what a host costs to start.
mounts() {
  cat >"$work/fstab"
  mount --all --fstab "$work/fstab"
}

# The kernel is shared: of all its switches a host may only turn its own net.*.
{
  for dir in $hidden; do echo "tmpfs $dir tmpfs size=8m,mode=755"; done
  cat <<FSTAB
tmpfs $root/dev tmpfs size=1m,mode=755
devpts $root/dev/pts devpts newinstance,ptmxmode=666,mode=620,X-mount.mkdir
tmpfs $root/dev/shm tmpfs size=8m,mode=1777,X-mount.mkdir
proc $root/proc proc nosuid,nodev,noexec
$root/proc/sys $root/proc/sys none bind,ro
$root/proc/sys/net $root/proc/sys/net none bind
sysfs $root/sys sysfs ro,nosuid,nodev,noexec
FSTAB
  for entry in bus fs irq sysrq-trigger acpi; do
    if [ -e "/proc/$entry" ]; then echo "$root/proc/$entry $root/proc/$entry none bind,ro"; fi
  done
} | mounts
mount -o remount,bind,rw "$root/proc/sys/net"
if [ -d "$root/sys/fs/cgroup" ]; then
  mount -t cgroup2 -o ro cgroup2 "$root/sys/fs/cgroup" 2>/dev/null || :
fi
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$root/dev/"
ln -s pts/ptmx /proc/self/fd "$root/dev/"

rm -rf "$root/etc/ssh" "$root/etc/sudoers.d" "$root/etc/sysctl.d" "$root/etc/sysctl.conf"
cp -a "$base/." "$own/." "$root/"
mounts <<FSTAB
$node $root/opt/lab/node none bind,ro
$actors $root/opt/lab/actors none bind,ro
FSTAB

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
