#!/bin/sh
# What a host that may build a kernel, or boot it, is like. Reads only, as the ordinary account.
#
#   preflight.sh WORD builder|target
#
# Every line of the answer is "WORD FACT VALUE…"; the last is "WORD end", so an answer without it is cut off. A value that
# could not be read is "-"; nothing is guessed. TEXT is the rest of the line: at most 200 printable ASCII characters.
# A line that may stand several times is marked *.
#
#   preflight 1                              the version of these lines; always the first
#   os ID VERSION_ID                         of os-release: debian 12, centos 7, amzn 2023. EL 6 has no os-release: centos|rhel 6
#   kernel RELEASE                           uname -r
#   kernel-text TEXT                         uname -v
#   arch MACHINE                             uname -m
#   boot-id UUID
#   account UID
#   cpus N
#   container none|NAME                      NAME: docker, podman, lxc, systemd-nspawn, kubernetes, openvz, other
#   machine TEXT                             maker of the board, as firmware says: "Amazon EC2", "QEMU"
#   memory TOTAL_KIB AVAILABLE_KIB
#   swap TOTAL_KIB FREE_KIB
#   disk home|boot FREE_KIB FREE_INODES FSTYPE     inodes "-" where the file system has no fixed number (btrfs, xfs says one)
#   helper none|no-rights|VERSION            tcp-oncall-kernel, the program that installs and boots
#   trial ID                                 the change whose kernel is on trial, as its entry in GRUB's menu says (Debian)
#
# builder only:
#   recipe deb|el6|el7|el8|el9|amzn|none     what this host can build for by itself
#   tool-missing NAME *                      programs that the runner needs: flock, setsid, sha256sum, nice, awk, tar, xz
#   missing PACKAGE *                        build dependencies that are not installed, as the package manager calls them
#   source PACKAGE VERSION installed|apt *   of deb: linux-source packages here, or to be had by apt-get download
#   downloader dnf|yumdownloader|none        of rpm: what fetches a source package
#   compiler TEXT                            first line of gcc --version
#
# target only:
#   package NAME VERSION SOURCE              of the running kernel; SOURCE: the source RPM's file name, or "-"
#   init systemd|other
#   secure-boot on|off|no-efi|-
#   lockdown none|integrity|confidentiality|-      none also where the kernel knows no lockdown
#   signed-modules-only yes|no               the kernel loads no module without a signature
#   bootloader grub2|grub-legacy|none TOOL   TOOL: grub-reboot, grub2-reboot, grub, or "-"
#   boot-device plain|lvm|raid|btrfs|zfs|crypt|other      below the directory of grubenv. GRUB can write to "plain" alone
#   grubenv yes|no|-                         "-": the account may not look (EL 8 and newer)
#   one-shot yes|no WHY                      WHY: -, no-bootloader, no-tool, no-grubenv, or the boot-device. Root has the last word
#   grub-default TEXT                        GRUB_DEFAULT of /etc/default/grub, or default= of grub.conf
#   config SHA256                            of /boot/config-RELEASE
#   module NAME TAINT *                      loaded; TAINT: letters of /sys/module/NAME/taint, "-" none (O = out-of-tree, E = unsigned)
#   modules-more N                           modules beyond the first 500
#   dkms NAME *                              modules that are rebuilt for each kernel
#   tw-timeout SECONDS|none                  net.ipv4.tcp_tw_timeout, where a vendor's kernel has it
#   fin-timeout SECONDS                      net.ipv4.tcp_fin_timeout
#   kernel-installed RELEASE *               every /boot/vmlinuz-RELEASE, at most 20
#
# deb.sh and rpm.sh stand before it in what the host is given: they know what a build needs.
# KERNEL_ROOT is put before every path that is read: a test lays another distribution out below it.
set -u
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
WORD=$1
ROLE=$2
ROOT=${KERNEL_ROOT:-}
MOST_MODULES=500

say() { printf '%s %s\n' "$WORD" "$*"; }

# The first line of stdin as TEXT, or "-".
text() {
  line=$(head -n 1 | tr -cd ' -~' | cut -c 1-200)
  line=${line% }
  echo "${line:--}"
}

# One word of what follows: without blanks, "-" when there is nothing.
word() {
  word=$(printf %s "$*" | tr -cd '!-~' | cut -c 1-100)
  echo "${word:--}"
}

have() { command -v "$1" >/dev/null 2>&1; }

first_line() { head -n 1 "$ROOT$1" 2>/dev/null; }

# --- both -----------------------------------------------------------------------------------------------------------

# Read, not sourced: what stands in a file is no program.
os_field() { sed -n "s/^$1=//p" "$ROOT/etc/os-release" 2>/dev/null | head -n 1 | tr -d "\"'"; }

# Sets os and os_version.
read_os() {
  os=$(word "$(os_field ID)")
  os_version=$(word "$(os_field VERSION_ID)")
  [ -r "$ROOT/etc/os-release" ] || read_old_release
}

# "CentOS release 6.6 (Final)"
read_old_release() {
  release=$(first_line /etc/redhat-release)
  case $release in
    CentOS*) os=centos ;;
    'Red Hat'*) os=rhel ;;
    *Amazon*) os=amzn ;;
    *) return ;;
  esac
  os_version=$(word "$(printf %s "$release" | sed -n 's/.*release \([0-9.]*\).*/\1/p')")
}

meminfo() { awk -v key="$1:" '$1 == key { print $2; found = 1 } END { if (!found) print "-" }' "$ROOT/proc/meminfo" 2>/dev/null || echo -; }

# Kernels before 3.14 do not say what is available.
available() {
  value=$(meminfo MemAvailable)
  [ "$value" != - ] || value=$(awk '/^(MemFree|Buffers|Cached):/ { sum += $2 } END { print sum ? sum : "-" }' "$ROOT/proc/meminfo" 2>/dev/null)
  echo "${value:--}"
}

container() {
  set -- "$(first_line /run/systemd/container)"
  case $1 in '') ;; *) word "$1" && return ;; esac
  if [ -e "$ROOT/.dockerenv" ]; then
    echo docker
  elif [ -e "$ROOT/run/.containerenv" ]; then
    echo podman
  elif [ -d "$ROOT/proc/vz" ] && [ ! -d "$ROOT/proc/bc" ]; then
    echo openvz
  else
    container_by_cgroup
  fi
}

container_by_cgroup() {
  case $(cat "$ROOT/proc/1/cgroup" 2>/dev/null) in
    *kubepods*) echo kubernetes ;;
    */docker*) echo docker ;;
    */libpod*) echo podman ;;
    */lxc*) echo lxc ;;
    *) echo none ;;
  esac
}

disk() {
  path=$ROOT$2
  free=$(df -Pk "$path" 2>/dev/null | awk 'END { print (NR > 1 ? $4 : "-") }')
  inodes=$(df -Pi "$path" 2>/dev/null | awk 'END { print (NR > 1 && $2 > 0 ? $4 : "-") }')
  say disk "$1" "$(word "$free")" "$(word "$inodes")" "$(word "$(mount_field "$2" fstype)")"
}

# Of the mount that holds a path: fstype, or its device's "major:minor". Columns: proc(5), mountinfo. A bind mount counts as what it is of.
mount_field() {
  where=$(cd "$ROOT$1" 2>/dev/null && pwd -P) || return
  awk -v path="${where#"$ROOT"}/" -v field="$2" '
    { point = $5; if (point != "/") point = point "/" }
    index(path, point) == 1 && length(point) >= longest {
      longest = length(point); device = $3
      for (i = 7; i < NF; i++) if ($i == "-") { fstype = $(i + 1); break }
    }
    END { print field == "fstype" ? fstype : device }' "$ROOT/proc/self/mountinfo" 2>/dev/null
}

# The program answers "version" to any account; without the right to run it there is nothing more to know.
helper() {
  program=$ROOT/usr/local/sbin/tcp-oncall-kernel
  [ -e "$program" ] || { say helper none && return; }
  answer=$(sudo -n "$program" 1 "$WORD" version </dev/null 2>/dev/null)
  version=$(printf '%s\n' "$answer" | awk -v w="$WORD" '$1 == w && $2 == "version" { print $3; exit }')
  say helper "${version:-no-rights}"
  # The entry of a kernel on trial in GRUB's menu names its change.
  trial=$(sed -n 's/.* of change \([a-z2-7]\{8\}\)\..*/\1/p' "$ROOT/etc/grub.d/45_tcp_oncall" 2>/dev/null | head -n 1)
  [ -z "$trial" ] || say trial "$trial"
}

both() {
  say preflight 1
  read_os
  say os "$os" "$os_version"
  say kernel "$(word "$(uname -r)")"
  say kernel-text "$(uname -v | text)"
  say arch "$(word "$(uname -m)")"
  say boot-id "$(word "$(first_line /proc/sys/kernel/random/boot_id)")"
  say account "$(id -u)"
  say cpus "$(word "$(grep -c '^processor' "$ROOT/proc/cpuinfo" 2>/dev/null)")"
  say container "$(container)"
  say machine "$(first_line /sys/class/dmi/id/sys_vendor | text)"
  say memory "$(meminfo MemTotal)" "$(available)"
  say swap "$(meminfo SwapTotal)" "$(meminfo SwapFree)"
  disk home "${HOME:-/}"
  disk boot /boot
  helper
}

# --- builder --------------------------------------------------------------------------------------------------------

recipe() {
  case $os:$os_version in
    debian:* | ubuntu:*) echo deb ;;
    amzn:*) echo amzn ;;
    rhel:[6789]* | centos:[6789]* | rocky:[89]* | almalinux:[89]* | ol:[6789]*) echo "el${os_version%%.*}" ;;
    *) echo none ;;
  esac
}

tools() {
  for tool in flock setsid sha256sum nice awk tar xz; do
    have "$tool" || say tool-missing "$tool"
  done
}

# Recipes know what they need: deb_missing, rpm_missing.
missing() {
  case $1 in
    deb) deb_missing ;;
    none) ;;
    *) rpm_missing ;;
  esac | while read -r package; do say missing "$(word "$package")"; done
}

# Newest first.
sources() {
  {
    dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' 'linux-source-[0-9]*' 2>/dev/null | awk '$3 == "installed" { print $1, $2, $3 }'
    # shellcheck disable=SC2046 # names of packages
    apt-cache madison $(apt-cache pkgnames linux-source- 2>/dev/null) 2>/dev/null | awk -F'|' '$3 ~ / Packages/ { gsub(/ /, ""); print $1, $2, "apt" }'
  } | awk '!seen[$0]++' | sort -rV | head -n 12 | while read -r package version from; do
    say source "$(word "$package")" "$(word "$version")" "$from"
  done
}

builder() {
  recipe=$(recipe)
  say recipe "$recipe"
  tools
  missing "$recipe"
  case $recipe in
    deb) sources ;;
    none) ;;
    *) say downloader "$(rpm_downloader)" ;;
  esac
  say compiler "$(gcc --version 2>/dev/null | text)"
}

# --- target ---------------------------------------------------------------------------------------------------------

package() {
  image=/boot/vmlinuz-$(uname -r)
  if have dpkg-query; then
    name=$(dpkg-query -S "$image" 2>/dev/null | sed -n '1s/:.*//p')
    line=$([ -z "$name" ] || dpkg-query -W -f '${Package} ${Version} -' "$name" 2>/dev/null)
  elif have rpm; then
    # Since EL 8 the image is installed by kernel-core's script, and owned as /lib/modules/RELEASE/vmlinuz.
    line=$(rpm -qf --qf '%{NAME} %{VERSION}-%{RELEASE} %{SOURCERPM}\n' "$image" 2>/dev/null ||
      rpm -qf --qf '%{NAME} %{VERSION}-%{RELEASE} %{SOURCERPM}\n' "/lib/modules/$(uname -r)/vmlinuz" 2>/dev/null)
  fi
  # shellcheck disable=SC2086
  set -- ${line:-}
  say package "$(word "${1:-}")" "$(word "${2:-}")" "$(word "${3:-}")"
}

init() { if [ -d "$ROOT/run/systemd/system" ]; then echo systemd; else echo other; fi; }

# The value is the fifth byte: four of attributes are before it.
secure_boot() {
  [ -d "$ROOT/sys/firmware/efi" ] || { echo no-efi && return; }
  for file in "$ROOT"/sys/firmware/efi/efivars/SecureBoot-*; do
    case $(od -An -tu1 -j4 -N1 "$file" 2>/dev/null | tr -d ' ') in
      1) echo on ;;
      0) echo off ;;
      *) echo - ;;
    esac
    return
  done
}

# "none [integrity] confidentiality"; the one in brackets holds.
lockdown() {
  [ -e "$ROOT/sys/kernel/security/lockdown" ] || { echo none && return; }
  word "$(first_line /sys/kernel/security/lockdown | sed -n 's/.*\[\(.*\)\].*/\1/p')"
}

signed_modules_only() {
  [ "$(first_line /sys/module/module/parameters/sig_enforce)" = Y ] && echo yes && return
  grep -qx 'CONFIG_MODULE_SIG_FORCE=y' "$ROOT/boot/config-$(uname -r)" 2>/dev/null && echo yes || echo no
}

# Sets loader, tool, and where grubenv is.
read_bootloader() {
  loader=none tool=- grub_dir=/boot
  for dir in /boot/grub2 /boot/grub; do
    [ -d "$ROOT$dir" ] || continue
    grub_dir=$dir
    if [ -e "$ROOT$dir/grub.conf" ] || [ -e "$ROOT$dir/menu.lst" ]; then
      loader=grub-legacy
      have grub && tool=grub
    elif grub2_is_here; then
      loader=grub2
      for name in grub2-reboot grub-reboot; do have "$name" && tool=$name && break; done
    else
      continue
    fi
    return
  done
}

# /boot/grub2 of EL is closed to ordinary accounts, and EFI may have its menu elsewhere: then the tools speak for it.
grub2_is_here() {
  [ -e "$ROOT$grub_dir/grub.cfg" ] || { [ ! -x "$ROOT$grub_dir" ] && { have grub2-reboot || have grub-reboot; }; }
}

boot_device() {
  case $(mount_field "$grub_dir" fstype) in
    btrfs) echo btrfs && return ;;
    zfs) echo zfs && return ;;
  esac
  device=$(mount_field "$grub_dir" device)
  block=$ROOT/sys/dev/block/$device
  [ -e "$block" ] || { echo other && return; }
  if [ -d "$block/md" ] || [ -d "$block/../md" ]; then
    echo raid
  else
    mapped "$(head -n 1 "$block/dm/uuid" 2>/dev/null)"
  fi
}

# By the device mapper's name for it. Multipath is a plain disk to the firmware, and so to GRUB.
mapped() {
  case $1 in
    '' | mpath-* | part*-mpath-*) echo plain ;;
    LVM-*) echo lvm ;;
    CRYPT-*) echo crypt ;;
    DMRAID-*) echo raid ;;
    *) echo other ;;
  esac
}

grubenv() {
  if [ -e "$ROOT$grub_dir/grubenv" ]; then
    echo yes
  elif [ -x "$ROOT$grub_dir" ]; then
    echo no
  else
    echo -
  fi
}

# GRUB legacy writes its one-shot into its own stage2 by block list, and grub.conf is asked for it when it boots.
one_shot() {
  if [ "$loader" = none ]; then
    echo no no-bootloader
  elif [ "$tool" = - ]; then
    echo no no-tool
  elif [ "$1" != plain ]; then
    echo no "$1"
  elif [ "$loader" = grub2 ] && [ "$2" = no ]; then
    echo no no-grubenv
  else
    echo yes -
  fi
}

grub_default() {
  case $loader in
    grub2) sed -n 's/^GRUB_DEFAULT=//p' "$ROOT/etc/default/grub" 2>/dev/null | tail -n 1 | tr -d "\"'" | text ;;
    grub-legacy) cat "$ROOT$grub_dir/grub.conf" "$ROOT$grub_dir/menu.lst" 2>/dev/null | sed -n 's/^default[= ]*//p' | text ;;
    *) echo - ;;
  esac
}

config_sha() {
  sum=$(sha256sum 2>/dev/null "$ROOT/boot/config-$(uname -r)")
  word "${sum%% *}"
}

modules() {
  # A kernel without modules has no such file.
  [ -e "$ROOT/proc/modules" ] || return
  awk '{ print $1 }' "$ROOT/proc/modules" | head -n "$MOST_MODULES" | while read -r module; do
    taint=-
    [ ! -e "$ROOT/sys/module/$module/taint" ] || read -r taint <"$ROOT/sys/module/$module/taint"
    say module "$(word "$module")" "$(word "$taint")"
  done
  more=$(($(wc -l <"$ROOT/proc/modules") - MOST_MODULES))
  [ "$more" -le 0 ] || say modules-more "$more"
}

names_in() {
  for path in "$ROOT$2"*; do [ ! -e "$path" ] || printf '%s\n' "${path#"$ROOT$2"}"; done | head -n "$3" |
    while read -r name; do say "$1" "$(word "$name")"; done
}

sysctl_value() { word "$(first_line "/proc/sys/net/ipv4/$1")"; }

tw_timeout() { if [ -e "$ROOT/proc/sys/net/ipv4/tcp_tw_timeout" ]; then sysctl_value tcp_tw_timeout; else echo none; fi; }

boot_facts() {
  read_bootloader
  device=$(boot_device) env=$(grubenv)
  say bootloader "$loader" "$tool"
  say boot-device "$device"
  say grubenv "$env"
  say one-shot "$(one_shot "$device" "$env")"
  say grub-default "$(grub_default)"
}

target() {
  package
  say init "$(init)"
  say secure-boot "$(secure_boot)"
  say lockdown "$(lockdown)"
  say signed-modules-only "$(signed_modules_only)"
  boot_facts
  say config "$(config_sha)"
  modules
  names_in dkms /var/lib/dkms/ 50
  say tw-timeout "$(tw_timeout)"
  say fin-timeout "$(sysctl_value tcp_fin_timeout)"
  names_in kernel-installed /boot/vmlinuz- 20
}

both
case $ROLE in
  builder) builder ;;
  target) target ;;
esac
say end
