# EL 6 to 9 and Amazon Linux: the distribution's source RPM, with our patch in it.
# Of the runner: recipe package version url seconds id arch work sources, event fail note ship expect.
# shellcheck disable=SC2154

# Of every source RPM of the family; a spec's own list is asked when the source is there.
RPM_NEEDS='rpm-build gcc make bc bison flex patch diffutils cpio xz gzip tar perl redhat-rpm-config elfutils-devel elfutils-libelf-devel openssl-devel hmaccalc ncurses-devel'
RPM_PATCH=linux-kernel-test.patch
# Debug information is compiled, though no package of it is made.
RPM_SPACE='15728640 300000'

# Sets what differs: `needs`, packages beyond those; `switches` of rpmbuild; `ships`, which of the packages are installed.
rpm_row() {
  name=${package:-kernel}
  switches='--with baseonly --without debug --without debuginfo' ships=$name
  case $recipe in
    el6)
      needs='patchutils xmlto asciidoc binutils-devel newt-devel python-devel perl-ExtUtils-Embed audit-libs-devel zlib-devel'
      # This kernel asks for firmware of its own release.
      switches="$switches --with firmware" ships="$name $name-firmware"
      ;;
    el7) needs='kmod m4 hostname net-tools xmlto asciidoc gettext binutils-devel newt-devel python-devel perl-ExtUtils-Embed audit-libs-devel zlib-devel numactl-devel pciutils-devel' ;;
    el8 | el9)
      needs='kmod m4 hostname net-tools dwarves rsync python3-devel zlib-devel'
      ships="$name $name-core $name-modules $name-modules-core"
      ;;
    amzn) needs='kmod m4 hostname net-tools rsync zlib-devel' ;;
    *) return 1 ;;
  esac
}

# Prints the packages that are not installed: of the row, and what a spec has asked for on this host before.
rpm_missing() {
  rpm_row || return
  for dependency in $RPM_NEEDS $needs $(cat "$HOME/.tcp-oncall/kernel/needs.$recipe" 2>/dev/null); do
    rpm -q --quiet --whatprovides "$dependency" 2>/dev/null || echo "$dependency"
  done
  case $(rpm_downloader) in none) if command -v dnf >/dev/null; then echo dnf-plugins-core; else echo yum-utils; fi ;; esac
}

# What fetches a source RPM: dnf where it has that command, else yum's.
rpm_downloader() {
  if dnf download --help </dev/null >/dev/null 2>&1; then
    echo dnf
  elif command -v yumdownloader >/dev/null; then
    echo yumdownloader
  else
    echo none
  fi
}

# --- unpack ---------------------------------------------------------------------------------------------------------

rpm_unpack() {
  need_space "$RPM_SPACE"
  source_rpm=$sources/source.src.rpm
  [ -s "$source_rpm" ] || rpm_fetch
  # Also of one that is here: the keys of this host have the last word.
  rpm_is_signed "$source_rpm" || fail signature "$(rpm -K "$source_rpm" 2>&1 | tail -n 1)"
  is=$(rpm -qp --qf '%{NAME} %{VERSION}-%{RELEASE}' "$source_rpm" 2>/dev/null)
  [ "$is" = "$package $version" ] || fail wrong-source "wanted $package $version, this is $is"
  sum=$(sha256sum "$source_rpm")
  note source "$package" "$version" "${sum%% *}"
  rm -rf "$work/rpm"
  rpm -i --define "_topdir $work/rpm" "$source_rpm" || fail unpack "$(first_error)"
  rpm_build_needs
}

# By mv: half of one is none.
rpm_fetch() {
  rm -rf "$work/fetched" && mkdir -p "$work/fetched"
  (cd "$work/fetched" && rpm_download) || fail source-unavailable "$package $version"
  mv "$work/fetched"/*.src.rpm "$source_rpm" || fail source-unavailable "$package $version: no source RPM came"
}

rpm_download() {
  if [ "$url" != - ]; then
    # No other protocol, also after a redirection.
    curl -fsSL --proto =https --proto-redir =https --max-time 3600 -o fetched.src.rpm "$url"
  elif [ "$(rpm_downloader)" = dnf ]; then
    dnf -q download --source "$package-$version"
  else
    yumdownloader --source "$package-$version"
  fi
}

# rpm is content with a package that nobody has signed: it has to name a signature. "(md5) pgp md5 OK", "digests signatures OK".
rpm_is_signed() {
  verdict=$(rpm -K "$1" 2>/dev/null) || return 1
  case ${verdict#"$1": } in *'NOT OK'*) return 1 ;; *pgp*OK | *gpg*OK | *signatures*OK) ;; *) return 1 ;; esac
}

# Nothing but the check of BuildRequires, which -bp leaves out. What is missing here is asked for by the next preflight.
rpm_build_needs() {
  rpm_build -bc --nobuild >"$work/needs" 2>&1 && return
  cat "$work/needs"
  names=$(awk '/ is needed by / { print $1 }' "$work/needs" | rpm_package_names)
  [ -n "$names" ] || fail unpack "$(first_error)"
  # shellcheck disable=SC2086
  lack $names
}

# perl(ExtUtils::Embed) is in perl-ExtUtils-Embed.
rpm_package_names() { sed -e 's/^perl(\(.*\))$/perl-\1/' -e 's/::/-/g' | grep '^[A-Za-z0-9][A-Za-z0-9+._-]*$' | sort -u; }

# rpmbuild of this job's spec, its way after these words.
rpm_build() {
  rpmbuild --define "_topdir $work/rpm" --target "$arch" "$@" "$work"/rpm/SPECS/*.spec
}

# --- patch ----------------------------------------------------------------------------------------------------------

# The header is taken from the tree as rpmbuild prepares it, edited, and the difference given to the spec; that it is in the
# tree of the next preparation is the only proof that the spec has applied it.
rpm_patch() {
  rpm_name_build
  rpm_prepare
  mkdir -p "$work/header"
  cp "$header" "$work/header/was.h"
  cp "$header" "$work/header/is.h"
  said=$(define_set "$work/header/is.h" "$seconds") || fail define-unknown "include/net/tcp.h of $package $version"
  event note "TCP_TIMEWAIT_LEN $said"
  define_patch "$work/header/was.h" "$work/header/is.h" >out/patch
  case $said in already*) return ;; esac
  rpm_add_patch
  rpm_prepare
  { define_read "$header" && [ "$define_is" = "$seconds" ]; } || fail patch-lost "the spec of $package $version did not apply it"
}

# Sets `header`, in the one tree that is built: a spec may keep the vanilla one beside it.
rpm_prepare() {
  rpm_build -bp --nodeps || fail unpack "$(first_error)"
  header=$(find "$work/rpm/BUILD" -path '*/include/net/tcp.h' ! -path '*/vanilla-*' | head -n 1)
  [ -n "$header" ] || fail unpack "no include/net/tcp.h in $package $version"
}

# By the spec's hook for one; Amazon's has none, but a list.
rpm_add_patch() {
  [ "$(wc -l <out/patch)" -gt 9 ] || fail patch-lost 'a patch of nine lines or fewer is passed over'
  cp out/patch "$work/rpm/SOURCES/$RPM_PATCH"
  grep -q "^ApplyOptionalPatch $RPM_PATCH" "$spec" && return
  after_last '^Patch[0-9]*:' "Patch999999: $RPM_PATCH"
  after_last '^ApplyPatch ' "ApplyPatch $RPM_PATCH"
}

# PATTERN LINE: the line stands after the last of the spec that matches.
after_last() {
  last=$(grep -n "$1" "$spec" | tail -n 1 | cut -d : -f 1)
  [ -n "$last" ] || fail patch-lost "the spec has no place for a patch: $1"
  edit_spec "${last}a\\
$2"
}

# --- its name ---------------------------------------------------------------------------------------------------------

# Sorts after "el" and "amzn", for tw is later in the alphabet. Where the spec gives itself a build id ours is added to it; the
# command line would have no say there.
rpm_name_build() {
  spec=$(echo "$work"/rpm/SPECS/*.spec)
  if grep -q '^%define buildid ' "$spec"; then
    edit_spec "s/^\\(%define buildid [^ ]*\\) *\$/\\1.tw$seconds.$id/"
  else
    edit_spec "1i\\
%define buildid .tw$seconds.$id"
  fi
}

edit_spec() { sed "$1" "$spec" >"$spec.new" && mv "$spec.new" "$spec"; }

# --- configure, compile, package ------------------------------------------------------------------------------------

# The configurations are in the source RPM.
rpm_configure() {
  [ "$config" = running ] || fail configure 'only the configuration of the source package can be built'
  expect rpm
}

rpm_compile() {
  rpm_row
  # It starts over each time.
  count_anew
  # shellcheck disable=SC2086
  rpm_build -bb $switches || fail compile "$(first_error)"
}

# Never kernel-headers: it would replace those that the C library was built with.
rpm_package() {
  rpm_row
  for ship in $ships; do
    for file in "$work/rpm/RPMS"/*/"$ship"-[0-9]*.rpm; do
      [ ! -f "$file" ] || cp "$file" out/ || fail package "cannot keep $(basename "$file")"
    done
  done
  # shellcheck disable=SC2046
  set -- $(ls out/*.rpm 2>/dev/null)
  [ $# -gt 0 ] || fail package "rpmbuild made none of: $ships"
}

# --- check ----------------------------------------------------------------------------------------------------------

# kernel-devel holds the header that this kernel was compiled with.
rpm_check() {
  devel=$(echo "$work/rpm/RPMS"/*/"$package"-devel-[0-9]*.rpm)
  rpm2cpio "$devel" | cpio -i --quiet --to-stdout '*include/net/tcp.h' >"$work/header/built.h"
  { define_read "$work/header/built.h" && [ "$define_is" = "$seconds" ]; } || fail check "TIME_WAIT of the built kernel is not $seconds s"
  built=$(rpm -qp --qf '%{VERSION}-%{RELEASE}' "$devel" 2>/dev/null)
  case $built in *".tw$seconds.$id"*) ;; *) fail check "the spec named the kernel $built, without this build's name" ;; esac
  note release "$built.$arch"
  note compiler "$(gcc --version | head -n 1)"
  for file in out/*.rpm; do ship "$file"; done
  rpm_config_diff
}

# Against the configuration of the kernel that runs, where that came with the order.
rpm_config_diff() {
  : >out/config-diff
  [ -s in/config ] || return 0
  for file in out/*.rpm; do rpm2cpio "$file" | cpio -i --quiet --to-stdout './boot/config-*' './lib/modules/*/config'; done >"$work/config"
  config_diff in/config "$work/config" >out/config-diff
}
