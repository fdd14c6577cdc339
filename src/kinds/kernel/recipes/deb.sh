# Debian and Ubuntu: the distribution's source package, built by the kernel's own bindeb-pkg.
# Of the runner: package version seconds id config jobs sources objects work, event fail note ship expect.
# shellcheck disable=SC2154

DEB_NEEDS='build-essential binutils flex bison bc libelf-dev libssl-dev openssl rsync cpio kmod xz-utils dpkg-dev fakeroot'
# What bindeb-pkg asks for since it leaves packaging to debhelper (6.10).
DEB_NEEDS_OF_DEBHELPER='debhelper libdw-dev python3'
# KiB and inodes, of a source tree and a distribution's kernel without debug information; and of a build where both are here.
DEB_COLD='5242880 150000'
DEB_WARM='1048576 10000'

# Prints the packages that are not installed: of these, and what a source has asked for on this host before.
deb_missing() {
  # shellcheck disable=SC2046,SC2086
  deb_absent $DEB_NEEDS $(cat "$HOME/.tcp-oncall/kernel/needs.deb" 2>/dev/null)
}

deb_absent() {
  for dependency in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$dependency" 2>/dev/null | grep -qx installed || echo "$dependency"
  done
}

# --- unpack ---------------------------------------------------------------------------------------------------------

# The tree is whole when it has the hash of what it came from. Its header is kept as it was, to say what was changed.
deb_unpack() {
  need_space "$(deb_space)"
  if [ ! -s "$sources/.tcp-oncall.sha256" ]; then deb_unpack_fresh; fi
  note source "$package" "$version" "$(cat "$sources/.tcp-oncall.sha256")"
  deb_build_needs
}

deb_build_needs() {
  [ -e "$sources/scripts/package/debian/rules" ] || return 0
  # shellcheck disable=SC2086
  names=$(deb_absent $DEB_NEEDS_OF_DEBHELPER)
  # shellcheck disable=SC2086
  [ -z "$names" ] || lack $names
}

deb_space() { if [ -s "$sources/.tcp-oncall.sha256" ] && [ -f "$objects/vmlinux" ]; then echo "$DEB_WARM"; else echo "$DEB_COLD"; fi; }

deb_unpack_fresh() {
  deb_tarball
  event note "unpacking $(basename "$tarball")"
  rm -rf "$sources" && mkdir -p "$sources"
  tar -xf "$tarball" -C "$sources" --strip-components=1 || fail unpack "tar cannot read $(basename "$tarball")"
  cp "$sources/include/net/tcp.h" "$sources/.tcp-oncall.tcp.h" || fail unpack "no kernel in $(basename "$tarball")"
  sum=$(sha256sum "$tarball") && printf '%s\n' "${sum%% *}" >"$sources/.tcp-oncall.sha256"
}

# Sets `tarball`: of the installed package when that is the version wanted, else of the package that apt fetches here.
deb_tarball() {
  if [ "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)" = "$version" ] && find_tarball /usr/src; then return; fi
  # apt verifies it by the signed list of packages.
  (cd "$work" && apt-get download "$package=$version") || fail source-unavailable "apt-get download $package=$version"
  dpkg-deb -x "$work/$package"_*.deb "$work/package" || fail unpack "dpkg-deb cannot read $package"
  find_tarball "$work/package/usr/src" || fail unpack "no tarball in $package"
}

# Debian has it here, Ubuntu one directory deeper.
find_tarball() {
  for tarball in "$1/$package".tar.* "$1/$package/$package".tar.*; do
    [ ! -f "$tarball" ] || return 0
  done
  return 1
}

# --- patch ----------------------------------------------------------------------------------------------------------

deb_patch() {
  said=$(define_set "$sources/include/net/tcp.h" "$seconds") || fail define-unknown "include/net/tcp.h of $package $version"
  event note "TCP_TIMEWAIT_LEN $said"
  define_patch "$sources/.tcp-oncall.tcp.h" "$sources/include/net/tcp.h" >out/patch
  [ $? -lt 2 ] || fail patch-lost 'include/net/tcp.h cannot be compared'
}

# --- configure ------------------------------------------------------------------------------------------------------

# The same release, builder and build number in each stage, or everything that names them is made twice.
deb_make() {
  make -C "$sources" O="$objects" --no-print-directory LOCALVERSION="-tw$seconds-$id" KBUILD_BUILD_USER=tcp-oncall \
    KBUILD_BUILD_VERSION=1 -j"$jobs" "$@"
}

# Made apart from the objects and put there only when it differs: then nothing is compiled again for it.
deb_configure() {
  cp in/config "$work/config" || fail configure 'in/config is missing'
  if [ "$config" = modules ]; then deb_only_modules; fi
  deb_settle
  grep -q '^CONFIG_HZ=[1-9]' "$work/config" || fail configure 'CONFIG_HZ is not set'
  if [ -f "$objects/vmlinux" ] && same_config "$work/config" "$objects/.config"; then
    expect warm 60
  else
    cp "$work/config" "$objects/.config"
    expect cold "$(deb_units)"
  fi
  config_diff in/config "$work/config" >out/config-diff
}

# Without the distribution's signing keys, which are not in its source package, and without debug information, which takes
# ten times the disk.
deb_settle() {
  "$sources/scripts/config" --file "$work/config" --set-str LOCALVERSION '' --disable LOCALVERSION_AUTO \
    --set-str SYSTEM_TRUSTED_KEYS '' --set-str SYSTEM_REVOCATION_KEYS '' \
    --disable DEBUG_INFO --disable DEBUG_INFO_BTF --disable DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT --disable DEBUG_INFO_DWARF4 \
    --disable DEBUG_INFO_DWARF5 --enable DEBUG_INFO_NONE || fail configure 'scripts/config failed'
  KCONFIG_CONFIG=$work/config deb_make olddefconfig || fail configure "$(first_error)"
}

deb_only_modules() {
  printf '%s\n' "$modules" | tr , '\n' >"$work/lsmod"
  yes '' | KCONFIG_CONFIG=$work/config LSMOD=$work/lsmod deb_make localmodconfig || fail configure "$(first_error)"
}

# The comment on top names the architecture as make was told it.
same_config() { [ -f "$2" ] && [ "$(grep -v '^# Linux/' "$1")" = "$(grep -v '^# Linux/' "$2")" ]; }

# About how many files a configuration compiles, links and archives: measured on four of them, right within a fifth.
deb_units() { awk -F= '$2 == "y" { n += 2.3 } $2 == "m" { n += 3.2 } END { print int(n) }' "$work/config"; }

# --- compile and package --------------------------------------------------------------------------------------------

deb_compile() { deb_make || fail compile "$(first_error)"; }

# The packages are written beside the objects, under names that contain the release. linux-libc-dev is never kept: it would
# replace the headers that the distribution's C library was built with.
deb_package() {
  deb_sweep
  deb_make KDEB_PKGVERSION="$(deb_make -s kernelversion)-1" bindeb-pkg || fail package "$(first_error)"
  built=$(cat "$objects/include/config/kernel.release")
  mv "$objects/../linux-image-${built}_"*.deb out/ || fail package "linux-image-$built was not made"
  deb_sweep
}

deb_sweep() { rm -f "$objects"/../*.deb "$objects"/../*.changes "$objects"/../*.buildinfo; }

# --- check ----------------------------------------------------------------------------------------------------------

deb_check() {
  built=$(cat "$objects/include/config/kernel.release")
  vmlinux_waits "$objects/vmlinux" "$seconds" "$(config_value HZ)" || fail check "TIME_WAIT of the built kernel is not $seconds s"
  image=$(echo out/linux-image-*.deb)
  dpkg-deb --fsys-tarfile "$image" | tar -xOf - "./boot/vmlinuz-$built" | cmp -s - "$objects/$(deb_make -s image_name)" ||
    fail check 'the package holds another kernel than the one that was checked'
  note release "$built"
  note compiler "$(config_value CC_VERSION_TEXT)"
  ship "$image"
}

config_value() { sed -n "s/^CONFIG_$1=\"\\{0,1\\}\\([^\"]*\\)\"\\{0,1\\}\$/\\1/p" "$objects/.config"; }

# VMLINUX SECONDS HZ: the constant is in the code that starts TIME_WAIT, and that of 60 s is gone.
vmlinux_waits() {
  code=$(disassembled "$1") && [ -n "$code" ] || return 1
  printf '%s\n' "$code" | grep -qE "$(immediate $(($2 * $3)))" || return 1
  [ "$2" = 60 ] || ! printf '%s\n' "$code" | grep -qE "$(immediate $((60 * $3)))"
}

# x86 writes $0x4e2, aarch64 #0x4e2.
immediate() { printf '[$#]0x%x([^0-9a-f]|$)' "$1"; }

# tcp_time_wait() of a kernel. By address: objdump before 2.32 takes no name, and a whole kernel is long.
disassembled() {
  # shellcheck disable=SC2046 # two addresses
  set -- "$1" $(nm -n "$1" | awk '$3 == "tcp_time_wait" { from = $1; next } from != "" && $1 != from { print "0x" from, "0x" $1; exit }')
  [ $# = 3 ] || return 1
  objdump -d --start-address="$2" --stop-address="$3" "$1"
}
