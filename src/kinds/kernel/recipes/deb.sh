# Debian and Ubuntu: the distribution's source package, built by the kernel's own bindeb-pkg.

DEB_NEEDS='gcc make libc6-dev binutils flex bison bc libelf-dev libssl-dev rsync cpio kmod xz-utils dpkg-dev fakeroot'

# Prints the packages that are not installed.
deb_missing() {
  for package in $DEB_NEEDS; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}
