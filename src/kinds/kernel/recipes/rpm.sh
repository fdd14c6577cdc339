# EL 6 to 9 and Amazon Linux: the distribution's source RPM, with our patch in it.

# Of every source RPM of the family; a spec's own list is asked when the source is there.
RPM_NEEDS='rpm-build gcc make bc bison flex patch diffutils cpio xz gzip tar perl redhat-rpm-config elfutils-devel elfutils-libelf-devel openssl-devel hmaccalc ncurses-devel'

# RECIPE: packages beyond those, how its buildid is given, and switches of rpmbuild.
rpm_row() {
  case $1 in
    el6) needs='yum-utils module-init-tools patchutils xmlto asciidoc binutils-devel newt-devel python-devel perl-ExtUtils-Embed audit-libs-devel zlib-devel' ;;
    el7) needs='yum-utils kmod m4 hostname net-tools xmlto asciidoc gettext binutils-devel newt-devel python-devel perl-ExtUtils-Embed audit-libs-devel zlib-devel numactl-devel pciutils-devel' ;;
    el8 | el9) needs='dnf-plugins-core kmod m4 hostname net-tools dwarves rsync python3-devel zlib-devel' ;;
    amzn) needs='kmod m4 hostname net-tools rsync zlib-devel' ;;
    *) return 1 ;;
  esac
}

# Prints the packages that are not installed: of RECIPE, and what a spec has asked for on this host before.
rpm_missing() {
  rpm_row "$RECIPE" || return
  for package in $RPM_NEEDS $needs $(rpm_learned); do
    rpm -q --quiet --whatprovides "$package" 2>/dev/null || echo "$package"
  done
}

rpm_learned() { cat "$HOME/.tcp-oncall/kernel/needs.$RECIPE" 2>/dev/null; }
