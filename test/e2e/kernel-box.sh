#!/bin/sh
# What a kernel box has in place of the machine's own: kernels that are files, a boot loader that reads them, and a reboot
# that is asked for and done by `box-boot`. Each call is written to /run/calls.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin

for place in /var/lib /usr/local/sbin /boot /run /tmp /home; do mount -t tmpfs tmpfs $place || exit 9; done
cp -a /etc /run/etc && mount --bind /run/etc /etc || exit 9
rm -rf /etc/tcp-oncall /etc/rc?.d /etc/rc.d /etc/default/grub.d /etc/systemd/system/sysinit.target.wants
mkdir -p /etc/rc2.d /etc/rc3.d /etc/grub.d /etc/init.d /etc/default /boot/grub
cat /proc/sys/kernel/random/uuid >/run/boot-id
mount --bind /run/boot-id /proc/sys/kernel/random/boot_id || exit 9

# fake NAME: the rest of its standard input, behind a line that writes the call down and one that a test may put in the way.
fake() {
  {
    printf '#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\necho "%s $*" >>/run/calls\n[ ! -e /run/hook-%s ] || . /run/hook-%s\n' "$1" "$1" "$1"
    cat
  } >"/usr/local/sbin/$1"
  chmod 755 "/usr/local/sbin/$1"
}

fake uname <<'END'
case $1 in -r) cat /run/release ;; *) echo x86_64 ;; esac
END
fake dpkg <<'END'
for word; do last=$word; done
case " $* " in
  *" -i "*)
    release=$(dpkg-deb -f "$last" Package) && release=${release#linux-image-}
    echo "linux-image-$release" >>/run/packages
    : >"/boot/vmlinuz-$release"
    /usr/local/sbin/update-grub
    ;;
  *" -P "*)
    release=${last#linux-image-}
    rm -f "/boot/vmlinuz-$release" "/boot/initrd.img-$release"
    sed -i "/^$last\$/d" /run/packages
    /usr/local/sbin/update-grub
    ;;
esac
[ ! -e /run/after-dpkg ] || . /run/after-dpkg
END
fake dpkg-query <<'END'
grep -qx "$2" /run/packages
END
fake update-grub <<'END'
cfg=/boot/grub/grub.cfg GRUB_DEFAULT=0
. /etc/default/grub
for file in /etc/default/grub.d/*.cfg; do [ ! -e "$file" ] || . "$file"; done
{
  echo 'if [ "${next_entry}" ] ; then set default="${next_entry}"; else'
  if [ "$GRUB_DEFAULT" = saved ]; then echo 'set default="${saved_entry}"'; else echo "set default=\"$GRUB_DEFAULT\""; fi
  echo fi
  for kernel in $(ls -r /boot/vmlinuz-*); do
    release=${kernel#/boot/vmlinuz-}
    [ -n "${first:-}" ] || printf "menuentry 'Debian GNU/Linux' --class os \$menuentry_id_option 'gnulinux-simple-u1' {\n\tlinux\t%s root=/dev/vda1 ro quiet\n}\nsubmenu 'Advanced options' \$menuentry_id_option 'gnulinux-advanced-u1' {\n" "$kernel"
    first=no
    printf "\tmenuentry 'Debian GNU/Linux, with Linux %s' --class os \$menuentry_id_option 'gnulinux-%s-advanced-u1' {\n\t\tload_video\n\t\tif [ x\$a = xb ]; then\n\t\t\tinsmod gzio\n\t\tfi\n\t\tlinux\t%s root=/dev/vda1 ro quiet\n\t}\n" "$release" "$release" "$kernel"
    printf "\tmenuentry 'Debian GNU/Linux, with Linux %s (recovery mode)' --class os \$menuentry_id_option 'gnulinux-%s-recovery-u1' {\n\t\tlinux\t%s root=/dev/vda1 ro single\n\t}\n" "$release" "$release" "$kernel"
  done
  echo '}'
  [ ! -e /etc/grub.d/45_tcp_oncall ] || /etc/grub.d/45_tcp_oncall
} >$cfg
END
fake grub-reboot <<'END'
grub-editenv /boot/grub/grubenv set "next_entry=$1"
END
fake grub-set-default <<'END'
grub-editenv /boot/grub/grubenv set "saved_entry=$1"
END
fake grub-probe <<'END'
case $1 in --target=abstraction) cat /run/abstraction ;; *) cat /run/filesystem ;; esac
END
fake shutdown </dev/null
fake reboot </dev/null
# Of the measuring program: one that ends at once, for the kernel that runs.
fake unshare <<'END'
cat >/dev/null
echo "500 $(cat "/run/time-wait-$(cat /run/release)")"
END
fake apt-get <<'END'
[ ! -e /run/no-network ] || { echo 'E: Unable to fetch'; exit 100; }
END
# Only a reboot that does not come is waited for.
cat >/usr/local/sbin/sleep <<'END'
#!/bin/sh
case $1 in [1-9][0-9]*) exec /usr/bin/sleep "$1" ;; 1) exec /usr/bin/sleep 0.2 ;; *) exec /usr/bin/sleep 0.02 ;; esac
END

# The machine ends and starts again, with the kernel that the boot loader chooses.
cat >/usr/local/sbin/box-boot <<'END'
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
pkill -9 -f 'internal (watch|work)'
env=/boot/grub/grubenv
next=$(grub-editenv $env list | sed -n 's/^next_entry=//p')
entry=$(grub-editenv $env list | sed -n 's/^saved_entry=//p')
grep -q 'set default="${saved_entry}"' /boot/grub/grub.cfg || entry=first
if [ -n "$next" ]; then entry=$next; [ -e /run/sticky ] || grub-editenv $env unset next_entry; fi
awk -v id="'${entry##*>}'" '
  /menuentry / { on = index($0, id) || id == "'"'first'"'" }
  on && $1 == "linux" { sub(/.*vmlinuz-/, "", $2); print $2; exit }' /boot/grub/grub.cfg >/run/release.new
[ -s /run/release.new ] || { echo "box-boot: no entry $entry"; exit 1; }
[ "${1:-}" = panic ] || mv /run/release.new /run/release
cat /proc/sys/kernel/random/uuid >/run/boot-id
for script in /etc/rc3.d/S*; do [ ! -e "$script" ] || "$script" start; done
cat /run/release
END

# As new: one kernel, and what GRUB has without us.
cat >/usr/local/sbin/box-afresh <<'END'
#!/bin/sh
pkill -9 -f 'internal (watch|work|packages)'
rm -rf /run/systemd /usr/local/sbin/systemctl
umount -l /boot /var/lib/tcp-oncall-kernel 2>/dev/null
mount -t tmpfs tmpfs /boot
mkdir /boot/grub
rm -rf /var/lib/* /etc/tcp-oncall /etc/default/grub.d /etc/rc3.d/* /etc/rc2.d/* /etc/init.d/tcp-oncall* /etc/grub.d/45* /run/hook-* /run/after-* /run/calls /run/sticky /run/no-network /run/time-wait-* /tmp/* /home/*
mkdir -p /etc/tcp-oncall
: >/etc/tcp-oncall/kernel-unsigned
echo 'GRUB_DEFAULT=0' >/etc/default/grub
: >/run/abstraction
echo ext2 >/run/filesystem
echo 6.1.0-28-amd64 >/run/release
echo 61.50 >/run/time-wait-6.1.0-28-amd64
echo linux-image-6.1.0-28-amd64 >/run/packages
: >/boot/vmlinuz-6.1.0-28-amd64
grub-editenv /boot/grub/grubenv create
/usr/local/sbin/update-grub
: >/run/calls
END
chmod 755 /usr/local/sbin/*
PATH=/usr/local/sbin:$PATH
exec sh
