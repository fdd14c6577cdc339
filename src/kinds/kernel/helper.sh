#!/bin/sh
# shellcheck disable=SC2154,SC2034 # root-program.ts puts the parts of a program together
# tcp-oncall's kernel helper: the only program that its account may run as root for kernel builds. On a target it installs a
# kernel beside the one that runs, boots it once on trial, and has it measured; unless the kernel is kept in time, the host
# reboots to the old one. On a builder it installs build dependencies of its own list.
#
#   tcp-oncall-kernel 1 WORD install ID        an order on stdin, then a manifest and packages
#   tcp-oncall-kernel 1 WORD boot|keep ID      an order on stdin
#   tcp-oncall-kernel 1 WORD rollback ID       an order on stdin; ID = of the kept change, which the order has as "reverts"
#   tcp-oncall-kernel 1 WORD revert ID         of what is not kept: to the old kernel, without the package. An ID that it does
#                                              not know will never be installed after this answer
#   tcp-oncall-kernel 1 WORD extend ID TOKEN   ten minutes more of the trial, once for each TOKEN
#   tcp-oncall-kernel 1 WORD status ID         how it stands
#   tcp-oncall-kernel 1 WORD prepare ID        on a builder: an order on stdin
#   tcp-oncall-kernel 1 WORD prepared ID       how that stands
#   tcp-oncall-kernel 1 WORD version           for any account, in any protocol
# and for itself: internal watch (at each boot while a trial is under way), internal work ID, internal packages ID.
#
# An order is the text that approvals are bound to (src/change/bound.ts, src/kinds/kernel/order-text.ts), then "end", then a
# line "signature<tab>BASE64" for each signature of that text, then "done". It is carried out only where enough approvers of
# /etc/tcp-oncall/approvers have signed it, or where root has made /etc/tcp-oncall/kernel-unsigned: a kernel is root.
#
# What follows the order of install: a line "manifest BYTES", these bytes, then the bytes of each file in the manifest's
# order, then nothing. The account reads its files itself; root opens no path of the account's.
#
# WORD begins every line of the answer, so that a login banner is not taken for one. Every verb but version, prepare and
# prepared answers how the change stands:
#   state none | installing STEP | installed | booting | verifying | trial SECONDS_LEFT | keeping | kept |
#         reverting WHY | reverted WHY | fell-back WHY | failed CODE TEXT
#     installing, booting, verifying, keeping and reverting go on by themselves: ask again. STEP: waiting, measure, pin,
#     packages, entry. WHY of reverted: person, deadline, reboot, superseded. WHY of fell-back, when the host went back to the
#     old kernel without anybody's wish: not-booted RUNNING, time-wait SECONDS, not-measured TEXT, services UNIT..., reboot.
#     CODE of failed, when nothing of the install is left: interrupted STEP, not-measured, pin, package, no-entry,
#     no-initrd, one-shot, dead-man; when something is still there, until it is told to revert again: remove, stuck.
#   prepare none | installing | prepared | failed TEXT        for prepare and prepared
#   release EXPECTED, running RELEASE, boot-id ID
#   measured before|after CONNECTIONS_A_SECOND PORTS SECONDS  SECONDS until a port was free again, where PORTS had run out;
#     their quotient is what one destination can be connected to in the long run
#   services before|after STATE UNIT...                       what systemctl is-system-running says, and the failed units
#   extended TOKEN                                            orders to prolong that were carried out
#   journal EPOCH TEXT
#   refused CODE TEXT                                         nothing was changed by this call
#   version N protocol N
# Exit status: 0 answered, 1 refused.
set -u
set -f
umask 077
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

PROTOCOL=1
VERSION=1
HELPER=/usr/local/sbin/tcp-oncall-kernel
STATE=/var/lib/tcp-oncall-kernel
# Where it is, an order is carried out only when enough approvers in it have signed it. host-setup writes it.
APPROVERS=/etc/tcp-oncall/approvers
# Where there are no approvers, root's word that this host takes orders that nobody has signed.
UNSIGNED=/etc/tcp-oncall/kernel-unsigned
# A key, its signature of KNOWN_TEXT, and no private key any more: what can verify says so of these.
KNOWN_TEXT='tcp-oncall knows this text'
KNOWN_KEY=MCowBQYDK2VwAyEAYLDUqP+DOZID/0KjmcCG5pPm7eandtE0gGpsxw9TUZM=
KNOWN_SIGNATURE=LQmZQrtJFnHTKclhMqB9qY/KJnXiZl/v3mU9zPZPXaQ8S9ytdVv9YssYxDupVECwx6cx0iz9p9iyPCz7D6GzDQ==
# In bytes.
LONGEST_ORDER=32768
LONGEST_MANIFEST=65536
# Of one package, and of all of them.
LARGEST_FILE=1073741824
LARGEST=1610612736
# The longest a trial may last in all, in seconds, and by how much a person prolongs it.
LONGEST=3600
EXTENSION=600
MOST_CHANGES=100
MOST_NEVER_BEGUN=1000
# Of the trial's boot entry: seconds after which a kernel that panics starts the old one.
PANIC=30
DEFAULTS=/etc/default/grub.d/zz-tcp-oncall.cfg
TRIAL_ENTRY=/etc/grub.d/45_tcp_oncall
TRIAL_ID=tcp-oncall-trial
UNIT=/etc/systemd/system/tcp-oncall-kernel.service
INIT_SCRIPT=/etc/init.d/tcp-oncall-kernel
TAB=$(printf '\t')
NL='
'

# What a builder may be given: what kernels are built with on Debian and Ubuntu, and what the specs of EL and Amazon name.
BUILD_PACKAGES='
asciidoc audit-libs-devel bash bc bindgen binutils binutils-devel bison bpftool bsdmainutils bzip2 clang clang-devel coreutils
cpio cpp createrepo_c cscope curl debhelper devscripts diffutils dnf-plugins-core docbook-style-xsl dpkg-dev dracut
dwarves elfutils elfutils-devel elfutils-libelf-devel fakeroot fedpkg findutils flex gawk gcc gcc-c++ gcc-plugin-devel
gettext glibc-devel glibc-headers glibc-static gmp-devel gnupg2 gzip hmaccalc hostname java-devel kabi-dw kernel-rpm-macros
kmod krb5-devel libbabeltrace-devel libbpf-devel libcap-devel libcap-ng-devel libdw-dev libelf-dev libmnl-devel libmpc-devel
libnl3-devel libssl-dev libtool libtraceevent-devel libunwind-devel libuuid-devel lld llvm llvm-devel lz4 lzop m4 make
mpfr-devel ncurses-devel net-tools newt-devel nss-tools numactl-devel opencsd-devel openssl openssl-devel pahole patch
patchutils pciutils-devel perl perl-Carp perl-ExtUtils-Embed perl-devel perl-generators perl-interpreter pesign
pkgconf-pkg-config python python-devel python-docutils python3 python3-devel python3-docutils python3-jsonschema
python3-pyyaml python3-sphinx redhat-rpm-config rpm-build rsync rust rust-src sed sh-utils slang-devel sparse
system-sb-certs systemd-boot-unsigned systemd-udev system-rpm-config tar tpm2-tools unzip util-linux which xmlto xz xz-devel
xz-utils yum-utils zlib-devel zlib1g-dev zstd libzstd-devel build-essential'

# --- answering ------------------------------------------------------------------------------------------------------

# @answer.sh

have() { command -v "$1" >/dev/null 2>&1; }

# --- values ---------------------------------------------------------------------------------------------------------

# @now.sh

running_now() { running=$(uname -r); }

# --- one at a time --------------------------------------------------------------------------------------------------

# @lock.sh

# The lock above is held for moments. Who does the work of a change holds this one for as long as that takes, and whether
# somebody does is what the state cannot say.
hold_work() {
  [ -f "$STATE/$1.lock" ] || (: >>"$STATE/$1.lock") 2>/dev/null
  command exec 8<"$STATE/$1.lock" || return 1
  flock -n 8
  held=$?
  (: >"$STATE/$1.begun") 2>/dev/null
  return $held
}
is_worked_on() { [ -e "$STATE/$1.lock" ] && ! flock -n "$STATE/$1.lock" true 2>/dev/null; }

# Does the work in the background, out of the caller's reach: as a service of its own where systemd is. It has the lock before
# this returns, so that nobody takes the work for abandoned.
begin_work() {
  begun=$STATE/$1.begun
  shift
  rm -f "$begun"
  if ! { is_systemd && have systemd-run && systemd-run --quiet --unit="tcp-oncall-kernel-$$" "$HELPER" $PROTOCOL internal "$@" >/dev/null 2>&1 9<&-; }; then
    env -i PATH="$PATH" setsid "$HELPER" $PROTOCOL internal "$@" </dev/null >/dev/null 2>&1 9<&- 3<&- &
  fi
  tries=0
  until [ -e "$begun" ] || [ $tries = 100 ]; do
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries + 1))
  done
}

# What is started by who does the work does not hold its lock: it may outlive a worker that is killed.
nap() { sleep "$1" 8<&-; }

is_systemd() { [ -d /run/systemd/system ]; }

# --- the journal of one change --------------------------------------------------------------------------------------

# @journal.sh

# @files.sh

# @state.sh

# Sets `got` to the state. Where that is damaged, the journal's end says how it ended; else the old kernel is gone back to.
get_state() {
  get state
  case $got in installing | installed | booting | verifying | trial | keeping | kept | reverting | reverted | fell-back | failed) return 0 ;; esac
  [ -d "$C" ] || return 0
  ended=
  { while read -r _ entry _; do ended=$entry; done <"$C/journal"; } 2>/dev/null
  case $ended in kept | reverted | fell-back | failed) got=$ended ;; *) got=reverting ;; esac
}

# It has not ended: the host is, or is about to be, other than it was.
is_open() { case $1 in installing | booting | verifying | trial | keeping | reverting) return 0 ;; *) return 1 ;; esac; }

# Sets what the manifest and the order of install said.
get_plan() {
  base='' release='' seconds='' loader=''
  { read -r base release seconds loader <"$C/plan"; } 2>/dev/null
  set_loader
}

# Sets `due` and the `last` that it may be, in seconds since the trial's boot. What is damaged is due now.
get_due() {
  last=0
  get_number began && last=$((got + LONGEST))
  get_number due && [ "$got" -le $last ] || got=0
  due=$got
}

# @extend.sh

# The state that it comes to when the old kernel runs and nothing of the new one is left.
go_back() {
  whole=$*
  why=${whole#* }
  set_line end "$whole"
  set_line why "$why"
  become reverting "$whole"
}

# --- orders ---------------------------------------------------------------------------------------------------------

# Sets what the order says, and `bound` to the lines that approvals are bound to. The caller may take its time: no lock yet.
take_order() {
  change_directory "$1"
  text=$(read_text) || refuse 'bad-order no end'
  change=$(printf '%s\n' "$text" | sed -n "s/^change$TAB\\([a-z0-9]*\\)\$/\\1/p" | head -n 1)
  [ "$verb" = rollback ] || change=$ID
  [ -n "$change" ] || refuse 'bad-order change'
  order=$(printf '%s\n' "$text" | read_order)
  case $order in refused*) refuse "${order#refused }" ;; esac
  bound='' packages='' signatures=''
  while IFS= read -r line; do
    IFS=$TAB
    # shellcheck disable=SC2086
    set -- $line
    unset IFS
    case $1 in
      hostkey) hostkey=$2 ;;
      revert) trial_seconds=$2 ;;
      requester) requester=$2 ;;
      break-glass) break_glass=$2 ;;
      expires) expires=$2 ;;
      reverts) reverts=$2 ;;
      artefact) artefact=$2 ;;
      seconds) seconds=$2 ;;
      recipe) recipe=$2 ;;
      release) base=$2 ;;
      arch) arch=$2 ;;
      missing) packages="$packages$2 " ;;
      signature) signatures="$signatures $2" ;;
    esac
    case $1 in end | signature | done) ;; *) bound="$bound$line$NL" ;; esac
  done <<END
$order
END
}

# A line at a time and not a byte more than the order, since what follows it is no text. A line without end costs the memory
# of this process, which has a limit.
read_text() {
  limit_memory
  size=0
  while IFS= read -r line; do
    size=$((size + ${#line} + 1))
    [ $size -le $LONGEST_ORDER ] || return 1
    printf '%s\n' "$line"
    [ "$line" != 'done' ] || return 0
  done
  return 1
}

# Of the shell that runs this, to 2 MiB more than it has. Proportional to what a caller may have it read, a byte at a time.
limit_memory() {
  taken=65536
  while read -r name kilobytes _; do
    [ "$name" != VmSize: ] || taken=$kilobytes
  done </proc/self/status
  # shellcheck disable=SC3045 # dash, bash and busybox have it
  ulimit -v $((taken + 2048)) 2>/dev/null || :
}

# Prints the order again, or why it is refused: another line than there must be.
read_order() {
  awk -F "$TAB" -v id="$change" -v kept="$ID" -v gate="$verb" '
# @order-form.awk
    function own_form(name, value) {
      if (name == "reverts") return gate == "rollback" ? value "" == kept "" : value == "-"
      if (name == "artefact") return gate == "prepare" || gate == "rollback" || (length(value) == 64 && value ~ /^[0-9a-f]+$/)
      if (name == "seconds") return whole(value, 2) && value >= 5 && value <= 60
      if (name == "recipe") return value ~ /^(deb|el6|el7|el8|el9|amzn)$/
      if (name == "release") return length(value) <= 64 && value ~ /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/
      if (name == "arch") return value ~ /^(x86_64|aarch64)$/
      return 1
    }
    BEGIN {
      names = "tcp-oncall change|change|kind|gate|host|hostkey|risk|revert|requester|break-glass|expires|reverts|artefact"
      names = names "|builder|seconds|recipe|release|arch|source|config|configsha|modules"
      last = split(names, name, "|")
    }
    complete { fail("bad-order there is more after the end") }
    length($0) > 1000 { fail("bad-order line " NR " is too long") }
    { order = order $0 "\n" }
    NR <= last {
      if (NF != ($1 == "source" ? 4 : 2) || $1 != name[NR]) fail("bad-order line " NR " is not " name[NR])
      if ($1 == "revert" && !(whole($2, 4) && $2 >= 5 && $2 <= 1800)) fail("bad-seconds from 5 to 1800")
      if (!in_form($1, $2) || !own_form($1, $2)) fail("bad-order " $1)
      next
    }
    !ended && NF == 2 && $1 == "missing" && length($2) <= 100 && $2 ~ /^[A-Za-z0-9][A-Za-z0-9+._-]*$/ && ++missing <= 100 { next }
    !ended && NR > last && $0 == "end" { ended = 1; next }
    ended && $0 == "done" { complete = 1; next }
    ended && NF == 2 && $1 == "signature" && length($2) == 88 && $2 ~ /^[A-Za-z0-9+\/]+==$/ && ++signatures <= 8 { next }
    { fail("bad-order line " NR) }
    END {
      if (refused == "" && !complete) refused = "bad-order no end"
      if (refused != "") print "refused " refused; else printf "%s", order
    }'
}

# --- approvers ------------------------------------------------------------------------------------------------------

# @verify.sh

# Work that was approved in time may have waited for its host. A trial ends by itself, so an order to keep it may have no end.
is_in_time() {
  case $verb in
    prepare | install) late=86400 ;;
    boot) late=7200 ;;
    *) late=0 ;;
  esac
  [ "$expires:$verb" != -:keep ] || return 0
  [ "$expires" != - ] && [ "$(date +%s)" -lt $((expires + late)) ]
}

# @approvers.sh

# The scripts of a package run as root, so who may install one is root: only what was signed is taken, unless root has said
# that this host does without.
check_approval() {
  if [ ! -e "$APPROVERS" ] && [ ! -h "$APPROVERS" ]; then
    { [ -f "$UNSIGNED" ] && is_roots "${UNSIGNED%/*}" && is_roots "$UNSIGNED"; } || refuse "not-signed 0 of 1, and there is no $APPROVERS"
    is_in_time || refuse "order-expired $expires"
  fi
  verify
}

# --- what boots the host --------------------------------------------------------------------------------------------

# debian: GRUB 2 as Debian and Ubuntu have it. grubby: GRUB 2 of EL7 and later, and Amazon. legacy: GRUB 0.97 of EL6.
find_loader() {
  loader=
  if have grub-reboot && have grub-set-default && have update-grub && [ -f /boot/grub/grub.cfg ]; then
    loader=debian
  elif have grubby && have grub2-reboot; then
    loader=grubby
  elif have grubby && have grub && [ -f /boot/grub/grub.conf ]; then
    loader=legacy
  fi
  set_loader
}

set_loader() {
  case $loader in
    debian) grubenv=/boot/grub/grubenv editenv=grub-editenv probe=grub-probe configuration=/boot/grub/grub.cfg ;;
    grubby)
      grubenv=/boot/grub2/grubenv editenv=grub2-editenv probe=grub2-probe configuration=/boot/grub2/grub.cfg
      [ ! -e /etc/grub2-efi.cfg ] || [ -d /boot/grub2/i386-pc ] || configuration=/etc/grub2-efi.cfg
      ;;
  esac
}

# Whether GRUB can take back what it was told for one boot: it writes a file by its blocks, and knows only disks for that.
check_one_shot() {
  [ "$loader" != legacy ] || return 0
  directory=$(readlink -f "$grubenv")
  directory=${directory%/*}
  layers=$($probe --target=abstraction "$directory" 2>/dev/null) || refuse "no-one-shot $probe does not know $directory"
  # shellcheck disable=SC2086
  set -- $layers
  [ $# = 0 ] || refuse "no-one-shot $directory is on $*"
  filesystem=$($probe --target=fs "$directory" 2>/dev/null)
  case $filesystem in btrfs | zfs | '') refuse "no-one-shot $directory is on ${filesystem:-an unknown file system}" ;; esac
  grep -q next_entry "$configuration" || refuse "no-one-shot $configuration does not read it"
  { $editenv "$grubenv" set "tcp_oncall=$ID" && [ "$(of_grubenv tcp_oncall)" = "$ID" ] && $editenv "$grubenv" unset tcp_oncall; } 2>/dev/null ||
    refuse "no-one-shot $grubenv cannot be written"
}

of_grubenv() { $editenv "$grubenv" list 2>/dev/null | sed -n "s/^$1=//p"; }

# Prints GRUB's name of the entry that boots a release on Debian: an id, after that of its submenu. "1>2" and titles move.
entry_of() {
  awk -v file="/vmlinuz-$1" '
    function id_in(text) {
      if (!match(text, /menuentry_id_option .[^ ]+. *[{]/)) return ""
      text = substr(text, RSTART + 21)
      return substr(text, 1, index(text, "\047") - 1)
    }
    /^submenu / { submenu = id_in($0) }
    /^}/ { submenu = "" }
    /^[ \t]*menuentry / { id = id_in($0); outer = $0 ~ /^[ \t]/ ? submenu ">" : "" }
    $1 ~ /^linux/ && substr($2, length($2) - length(file) + 1) == file && id != "" && id !~ /^(gnulinux-simple|tcp-oncall)/ {
      print outer id
      exit
    }' "$configuration"
}

# Makes a release what the host boots unless it is told otherwise, and says whether it is.
set_default() {
  if [ "$loader" = debian ]; then
    entry=$(entry_of "$1")
    [ -n "$entry" ] && grub-set-default "$entry" >/dev/null 2>&1 && [ "$(of_grubenv saved_entry)" = "$entry" ] &&
      grep -qF 'set default="${saved_entry}"' "$configuration"
  else
    grubby --set-default="/boot/vmlinuz-$1" >/dev/null 2>&1 && [ "$(grubby --default-kernel 2>/dev/null)" = "/boot/vmlinuz-$1" ]
  fi
}

# The old kernel stays the default whatever is installed. What was there before is written down first, once.
pin() {
  if [ ! -e "$C/pinned" ]; then
    had=no
    [ ! -e $DEFAULTS ] || had=yes
    store "$C" pinned "$had $([ "$loader" != debian ] || of_grubenv saved_entry)$NL" || return 1
  fi
  if [ "$loader" = debian ] && [ ! -e $DEFAULTS ]; then
    mkdir -p "${DEFAULTS%/*}"
    write_file 644 $DEFAULTS "# tcp-oncall: what boots is the saved entry, and a boot does not save itself.
GRUB_DEFAULT=saved
GRUB_SAVEDEFAULT=false
" && update-grub >/dev/null 2>&1 || return 1
  fi
  set_default "$base"
}

unpin() {
  [ -e "$C/pinned" ] || return 0
  if [ "$loader" != debian ]; then
    set_default "$base"
    return
  fi
  { read -r had saved <"$C/pinned"; } 2>/dev/null
  if [ "$had" = yes ]; then
    set_default "$base" || return 1
  else
    rm -f $DEFAULTS
    rmdir "${DEFAULTS%/*}" 2>/dev/null || :
    if [ -n "$saved" ]; then grub-editenv "$grubenv" set "saved_entry=$saved"; else grub-editenv "$grubenv" unset saved_entry; fi || return 1
  fi
  update-grub >/dev/null 2>&1
}

# The trial's entry is that of its kernel with panic=N. On Debian all kernels share their parameters, so it is one of its own.
make_trial_entry() {
  if [ "$loader" = debian ]; then
    [ -n "$(entry_of "$release")" ] || update-grub >/dev/null 2>&1
    block=$(trial_block)
    case $block in *"$TAB"linux*"panic=$PANIC"*) ;; *) return 1 ;; esac
    write_file 755 $TRIAL_ENTRY "#!/bin/sh
# tcp-oncall: the kernel on trial, of change $ID. Goes away with the trial.
exec tail -n +4 \"\$0\"
$block
" && update-grub >/dev/null 2>&1 && grep -qF "'$TRIAL_ID'" "$configuration"
  else
    grubby --info="/boot/vmlinuz-$release" >/dev/null 2>&1 &&
      grubby --update-kernel="/boot/vmlinuz-$release" --args="panic=$PANIC" >/dev/null 2>&1
  fi
}

# Prints the lines of the release's entry as an entry of its own.
trial_block() {
  entry=$(entry_of "$release")
  [ -n "$entry" ] || return
  awk -v id="'${entry##*>}'" -v trial="$TRIAL_ID" -v release="$release" -v panic=$PANIC '
    !inside && /^[ \t]*menuentry / && index($0, "menuentry_id_option " id) {
      inside = 1
      print "menuentry \047tcp-oncall: trial of Linux " release "\047 --class gnu-linux --class os $menuentry_id_option \047" trial "\047 {"
      next
    }
    inside && /^[ \t]*}[ \t]*$/ { print "}"; exit }
    inside { sub(/^[ \t]+/, "\t"); print $1 ~ /^linux/ ? $0 " panic=" panic : $0 }' "$configuration"
}

drop_trial_entry() {
  if [ "$loader" = debian ]; then
    grep -qs "of change $ID\\." $TRIAL_ENTRY || return 0
    rm -f $TRIAL_ENTRY && update-grub >/dev/null 2>&1
  else
    [ ! -e "/boot/vmlinuz-$release" ] || grubby --update-kernel="/boot/vmlinuz-$release" --remove-args="panic=$PANIC" >/dev/null 2>&1
  fi
}

# For the next boot alone.
boot_once() {
  case $loader in
    debian) grub-reboot $TRIAL_ID >/dev/null 2>&1 && [ "$(of_grubenv next_entry)" = $TRIAL_ID ] ;;
    grubby)
      entry=$(of_grubby id)
      [ -n "$entry" ] || entry=$(of_grubby index)
      [ -n "$entry" ] && grub2-reboot "$entry" >/dev/null 2>&1 && [ "$(of_grubenv next_entry)" = "$entry" ]
      ;;
    legacy)
      entry=$(of_grubby index)
      [ -n "$entry" ] && printf 'savedefault --default=%s --once\nquit\n' "$entry" | grub --batch >/dev/null 2>&1
      ;;
  esac
}

of_grubby() { grubby --info="/boot/vmlinuz-$release" 2>/dev/null | sed -n "s/^$1=//p" | tr -d '"' | head -n 1; }

boot_no_more() { [ "$loader" = legacy ] || $editenv "$grubenv" unset next_entry >/dev/null 2>&1 || :; }

# write_file MODE FILE TEXT: whole or not at all.
write_file() {
  new=${2%/*}/.tcp-oncall.new
  rm -f "$new"
  { printf '%s' "$3" >"$new" && chmod "$1" "$new" && mv -f "$new" "$2"; } 2>/dev/null
}

# --- whether this host can take it ----------------------------------------------------------------------------------

# Everything that can be known before anything is done.
judge_host() {
  [ "$(uname -m)" = "$arch" ] || refuse "other-architecture $(uname -m)"
  running_now
  [ "$running" = "$base" ] || refuse "drift $running"
  ! is_container || refuse 'container the kernel of a container is its host'
  ! is_secure_boot || refuse 'secure-boot only signed kernels boot here'
  have flock || refuse 'no-program flock'
  have setsid || refuse 'no-program setsid'
  find_loader
  case $loader:$recipe in
    debian:deb) have dpkg || refuse 'no-program dpkg' ;;
    grubby:el[789] | grubby:amzn | legacy:el6) have rpm || refuse 'no-program rpm' ;;
    *) refuse "no-loader ${loader:-none} for $recipe" ;;
  esac
  check_one_shot
  { have perl && perl -MSocket -e 1 2>/dev/null; } || find_python || refuse 'no-program perl'
  have unshare || refuse 'no-program unshare'
  is_systemd || [ -n "$(rc_directories)" ] || refuse 'no-dead-man neither systemd nor /etc/rc3.d'
  room_in_boot
}

is_container() {
  [ -e /run/systemd/container ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ] || grep -qa '^container=' /proc/1/environ 2>/dev/null
}

is_secure_boot() {
  set +f
  set -- /sys/firmware/efi/efivars/SecureBoot-*
  set -f
  [ -e "$1" ] && [ "$(od -An -tu1 -j4 -N1 "$1" | tr -d ' ')" = 1 ]
}

# As much as the running kernel has there, and something for the boot loader's files.
room_in_boot() {
  # shellcheck disable=SC2012,SC2046
  set -- $(set +f; ls -ln /boot/*-"$base" /boot/*-"$base".img 2>/dev/null | awk '{ sum += $5 } END { printf "%d\n", sum * 1.2 / 1048576 + 8 }')
  free=$(free_in /boot)
  [ "$free" -ge "$1" ] || refuse "no-boot-space $1 $free"
}

# In MiB.
free_in() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { free = $4 } END { printf "%d\n", free / 1024 }'; }

# --- manifest and packages ------------------------------------------------------------------------------------------

# What the account sends is kept where only root comes to, and is what the manifest says, whose hash the approvals are bound to.
receive() {
  own_state || refuse "$why_not"
  hold_incoming
  incoming=$STATE/incoming
  rm -rf "$incoming"
  mkdir "$incoming" "$incoming/packages" || refuse "no-journal $STATE cannot be written"
  take_manifest
  total=$(printf '%s\n' "$files" | awk '{ sum += $2 } END { printf "%d\n", sum / 1048576 + 1 }')
  free=$(free_in "$STATE")
  [ "$free" -ge $((total * 2 + 64)) ] || refuse "no-space $((total * 2 + 64)) $free"
  take_files
  # Its end: what is sent is what was approved, and no byte more.
  [ "$(timeout 20 head -c 1 <&3 | wc -c; )" = 0 ] || refuse 'bad-bytes there is more after the last file'
  exec 3<&-
}

hold_incoming() {
  (: >>"$STATE/incoming.lock") 2>/dev/null
  command exec 7<"$STATE/incoming.lock" || refuse "no-journal $STATE cannot be written"
  flock -n 7 || refuse 'busy another install is being sent'
}

incoming=
drop_incoming() { [ -z "$incoming" ] || rm -rf "$incoming"; }
trap 'clean_up; drop_incoming' EXIT

take_manifest() {
  line=$(limit_memory; IFS= read -r line <&3 && printf '%s' "$line")
  bytes=${line#manifest }
  case $line in "manifest "[1-9]*) ;; *) refuse 'bad-manifest it does not follow the order' ;; esac
  case $bytes in *[!0-9]* | ??????*) refuse "bad-manifest more than $LONGEST_MANIFEST bytes" ;; esac
  [ "$bytes" -le $LONGEST_MANIFEST ] || refuse "bad-manifest more than $LONGEST_MANIFEST bytes"
  timeout 60 head -c "$bytes" <&3 >"$incoming/manifest"
  [ "$(sum_of "$incoming/manifest")" = "$artefact" ] || refuse 'wrong-artefact manifest'
  said=$(read_manifest)
  case $said in refused*) refuse "${said#refused }" ;; esac
  release=${said%%"$NL"*}
  files=${said#*"$NL"}
}

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# Prints the release, then SHA256 BYTES NAME of each file; or why it is refused. The order of its lines is src/kinds/kernel's.
read_manifest() {
  tr '\000' '\001' <"$incoming/manifest" | awk -F "$TAB" -v id="$ID" -v base="$base" -v seconds="$seconds" -v recipe="$recipe" \
    -v largest=$LARGEST_FILE -v most=$LARGEST '
    function fail(why) { refused = why; exit }
    function sha(text) { return length(text) == 64 && text ~ /^[0-9a-f]+$/ }
    function whole(text) { return length(text) <= 10 && text ~ /^[1-9][0-9]*$/ }
    function in_form(name) {
      if (name == "tcp-oncall kernel") return NF == 2 && $2 == "1"
      if (name == "change") return NF == 2 && $2 "" == id ""
      if (name == "base") return NF == 2 && $2 "" == base ""
      if (name == "seconds") return NF == 2 && $2 "" == seconds ""
      if (name == "recipe") return NF == 2 && $2 "" == recipe ""
      if (name == "release") return NF == 2 && is_ours($2)
      if (name == "source") return NF == 4 && sha($4)
      if (name == "compiler") return NF == 2 && $2 !~ /[\001-\037\177]/
      return NF == 2 && (sha($2) || $2 == "-")
    }
    # Of no other change and no distribution: its files are taken away with it.
    function is_ours(text,   mark) {
      mark = recipe == "deb" ? "-tw" seconds "-" id : ".tw" seconds "." id
      return length(text) <= 64 && text ~ /^[0-9][A-Za-z0-9._+~-]*$/ && index(text, mark) && text != base
    }
    function file() {
      if (NF != 4 || !sha($2) || !whole($3) || $3 + 0 > largest || (sum += $3) > most) fail("bad-manifest line " NR)
      if (length($4) > 200 || $4 !~ /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/ || $4 !~ (recipe == "deb" ? "[.]deb$" : "[.]rpm$")) fail("bad-manifest name in line " NR)
      if (seen[$4]++) fail("bad-manifest " $4 " twice")
      if (++count > 8) fail("bad-manifest more than 8 files")
      files = files $2 " " $3 " " $4 "\n"
    }
    BEGIN { last = split("tcp-oncall kernel|change|release|base|seconds|source|patch|configdiff|compiler|log|recipe", name, "|") }
    ended { fail("bad-manifest there is more after its end") }
    length($0) > 1000 { fail("bad-manifest line " NR " is too long") }
    NR <= last {
      if ($1 != name[NR] || !in_form($1)) fail("bad-manifest " name[NR])
      if ($1 == "release") release = $2
      next
    }
    $1 == "file" { file(); next }
    $0 == "end" && count > 0 { ended = 1; next }
    { fail("bad-manifest line " NR) }
    END {
      if (refused == "" && !ended) refused = "bad-manifest no end"
      if (refused != "") print "refused " refused; else printf "%s\n%s", release, files
    }'
}

take_files() {
  while read -r sha bytes name; do
    timeout 900 head -c "$bytes" <&3 >"$incoming/packages/$name" || refuse "no-space while $name arrived"
    [ "$(wc -c <"$incoming/packages/$name")" = "$bytes" ] || refuse "bad-bytes $name did not arrive whole"
    [ "$(sum_of "$incoming/packages/$name")" = "$sha" ] || refuse "wrong-artefact $name"
  done <<END
$files
END
}

# What it was approved as: a kernel of that release, beside any other. Sets `names`, of the packages as they are removed.
judge_packages() {
  names='' needed=0
  [ ! -e "/boot/vmlinuz-$release" ] || refuse "release-taken $release"
  while read -r _ _ name; do
    file=$incoming/packages/$name
    if [ "$recipe" = deb ]; then judge_deb; else judge_rpm; fi
    path=$(strange_path)
    [ -z "$path" ] || refuse "strange-path $path"
    needed=$((needed + size / 1024 + 1))
  done <<END
$files
END
  free=$(free_in /lib)
  [ "$free" -ge $((needed + 32)) ] || refuse "no-space $((needed + 32)) $free"
}

judge_deb() {
  package=$(dpkg-deb -f "$file" Package 2>/dev/null)
  [ "$package" = "linux-image-$release" ] || refuse "strange-package $name"
  size=$(dpkg-deb -f "$file" Installed-Size 2>/dev/null)
  case $size in '' | *[!0-9]* | ?????????*) size=0 ;; esac
  names="$names$package "
  listing=$(dpkg-deb -c "$file" 2>/dev/null | awk '{ print $1, substr($6, 2) }')
}

judge_rpm() {
  # shellcheck disable=SC2046
  set -- $(rpm -qp --nosignature --qf '%{NAME} %{VERSION}-%{RELEASE} %{ARCH} %{SIZE}\n' "$file" 2>/dev/null)
  [ $# = 4 ] || refuse "strange-package $name"
  size=$(($4 / 1024))
  case $recipe:$1 in
    el6:kernel-firmware) ;;
    *:kernel | *:kernel-core | *:kernel-modules | *:kernel-modules-core | *:kernel-modules-extra)
      [ "$2.$3" = "$release" ] || [ "$2" = "$release" ] || refuse "strange-package $name"
      names="$names$1-$2.$3 "
      ;;
    *) refuse "strange-package $name" ;;
  esac
  listing=$(rpm -qp --nosignature --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$file" 2>/dev/null)
}

# Prints the first path of `listing` that is no kernel's of this release, or that gives rights.
strange_path() {
  printf '%s\n' "$listing" | awk -v release="$release" -v recipe="$recipe" '
    function below(place) { return index($2, place) == 1 }
    $2 == "" { next }
    $1 ~ /[sS]/ || $1 ~ /^[bcp]/ { print $2; exit }
    $2 ~ /(^|\/)\.\.(\/|$)/ { print $2; exit }
    below("/boot/") && index($2, release) { next }
    below("/lib/modules/" release) || below("/usr/lib/modules/" release) || below("/usr/lib/linux-image-" release) { next }
    below("/usr/share/doc/") || below("/usr/share/licenses/") || below("/usr/lib/.build-id/") || below("/etc/ld.so.conf.d/kernel-") { next }
    recipe == "el6" && below("/lib/firmware") { next }
    $1 ~ /^d/ && $2 ~ /^\/((boot|lib|usr|etc|usr\/lib|usr\/share|usr\/share\/doc|lib\/modules|usr\/lib\/modules|etc\/kernel)\/?|etc\/kernel\/[a-z]+\.d\/?)?$/ { next }
    { print $2; exit }'
}

# --- measuring ------------------------------------------------------------------------------------------------------

# Of a kernel: how many seconds a port stays taken after its connection, where PORTS have run out. In a network of its own,
# where nothing else takes ports and tcp_tw_reuse cannot hide the answer. The clock is /proc/uptime, to 1/100 s.
MEASURE_PERL='
use Socket;
my ($first, $ports, $limit) = (20000, 500, 90);
sub now { open my $f, "<", "/proc/uptime" or die "no uptime\n"; my ($t) = split / /, <$f>; $t }
sub put { open my $f, ">", "/proc/sys/net/ipv4/$_[0]" or return 0; print $f "$_[1]\n"; close $f }
sub new { socket my $s, PF_INET, SOCK_STREAM, 0 or die "no socket: $!\n"; $s }
my $up = new(); my $flags = pack "a16 s x14", "lo", 0x41;
ioctl $up, 0x8914, $flags or die "no loopback: $!\n";
my $ranged = put("ip_local_port_range", "$first " . ($first + $ports - 1)); put("tcp_tw_reuse", 0);
my $to = pack_sockaddr_in(9999, inet_aton("127.0.0.1"));
my $server = new(); setsockopt $server, SOL_SOCKET, SO_REUSEADDR, 1; bind $server, $to or die "no server: $!\n"; listen $server, 8;
my $next = 0;
sub once {
  my $c = new();
  unless ($ranged) { return 0 if $next >= $ports; bind $c, pack_sockaddr_in($first + $next, inet_aton("127.0.0.1")) or return 0; $next++ }
  connect $c, $to or return 0;
  accept my $s, $server or die "no connection: $!\n";
  close $c; sysread $s, my $rest, 1; close $s; 1
}
my ($count, $began) = (0);
while ($count <= $ports && once()) { $began = now() unless $count++ }
die "no connection: $!\n" unless $count;
die "the ports did not run out\n" if $count > $ports;
$next = 0;
until (once()) { die "no port was free after $limit s\n" if now() - $began > $limit; select undef, undef, undef, 0.05 }
printf "%d %.2f\n", $count, now() - $began;
'
MEASURE_PYTHON='
import fcntl, socket, struct, sys, time
first, ports, limit = 20000, 500, 90
def now(): return float(open("/proc/uptime").read().split()[0])
def put(name, value):
    try:
        f = open("/proc/sys/net/ipv4/" + name, "w"); f.write(value + "\n"); f.close(); return True
    except (IOError, OSError): return False
def new(): return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
fcntl.ioctl(new(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))
ranged = put("ip_local_port_range", "%d %d" % (first, first + ports - 1)); put("tcp_tw_reuse", "0")
server = new(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); server.bind(("127.0.0.1", 9999)); server.listen(8)
taken = [0]
def once():
    c = new()
    try:
        if not ranged:
            if taken[0] >= ports: return False
            c.bind(("127.0.0.1", first + taken[0])); taken[0] += 1
        c.connect(("127.0.0.1", 9999))
    except (IOError, OSError): c.close(); return False
    s = server.accept()[0]; c.close(); s.recv(1); s.close(); return True
count = 0
while count <= ports and once():
    if not count: began = now()
    count += 1
if not count: sys.exit("no connection")
if count > ports: sys.exit("the ports did not run out")
taken[0] = 0
while not once():
    if now() - began > limit: sys.exit("no port was free after %d s" % limit)
    time.sleep(0.05)
print("%d %.2f" % (count, now() - began))
'

find_python() {
  for python in python3 /usr/libexec/platform-python python python2; do
    have $python && $python -c 'import fcntl, socket, struct' 2>/dev/null && return 0
  done
  return 1
}

# measure NAME: writes PER_SECOND PORTS SECONDS to the change's file. Sets `complaint` when it fails.
measure() {
  if have perl && perl -MSocket -e 1 2>/dev/null; then
    measured=$(printf '%s' "$MEASURE_PERL" | timeout 120 unshare -n perl - 2>&1 8<&-)
  else
    find_python
    measured=$(printf '%s' "$MEASURE_PYTHON" | timeout 120 unshare -n "$python" - 2>&1 8<&-)
  fi
  complaint=$(printf '%s' "$measured" | tail -n 1)
  measured=$(printf '%s\n' "$measured" | awk 'NF == 2 && $1 ~ /^[1-9][0-9]*$/ && $2 ~ /^[0-9]+\.[0-9]+$/ && $2 > 0 { printf "%.1f %d %s\n", $1 / $2, $1, $2 }')
  [ -n "$measured" ] && set_line "measured-$1" "$measured"
}

# Whether a port was free after N seconds to N * 1.125 + 1: timers of the kernel are late by up to an eighth.
is_as_wanted() {
  get measured-after
  printf '%s\n' "$got" | awk -v n="$seconds" '{ exit !($3 >= n && $3 <= n * 1.125 + 1) }'
}

# --- services -------------------------------------------------------------------------------------------------------

# services NAME: how the host is, and its failed units. Waits until it has started.
look_at_services() {
  is='unknown' units=''
  if is_systemd; then
    tries=0
    while is=$(systemctl is-system-running 2>/dev/null); case $is in initializing | starting) [ $tries -lt 60 ] ;; *) false ;; esac; do
      tries=$((tries + 1))
      sleep 2
    done
    units=$(systemctl --failed --plain --no-legend 2>/dev/null | awk '{ print $1 }' | tr '\n' ' ' | head -c 2000)
  fi
  set_line "services-$1" "${is:-unknown} $units"
}

# Prints the units that have failed and had not before.
newly_failed() {
  get services-before
  before=" ${got#* } "
  get services-after
  # shellcheck disable=SC2086
  set -- $got
  [ $# = 0 ] || shift
  for unit; do
    case $before in *" $unit "*) ;; *) printf '%s ' "$unit" ;; esac
  done
}

# --- the dead man's switch ------------------------------------------------------------------------------------------

# At each boot from here on, what is due is done by the host itself. Ordered so that it starts also where the boot does not
# come as far as a network, and stays where it ends in an emergency.
arm() {
  set_armed || return 1
  if is_systemd; then
    write_file 644 $UNIT "[Unit]
Description=tcp-oncall: ends the trial of a kernel that is not confirmed
DefaultDependencies=no
After=local-fs.target
IgnoreOnIsolate=yes
[Service]
ExecStart=$HELPER $PROTOCOL internal watch
Restart=on-failure
RestartSec=2
[Install]
WantedBy=sysinit.target
" && mkdir -p "${UNIT%/*}/sysinit.target.wants" &&
      ln -sf "$UNIT" "${UNIT%/*}/sysinit.target.wants/${UNIT##*/}" || return 1
    systemctl daemon-reload >/dev/null 2>&1 || :
  else
    arm_by_init_script
  fi
}

set_armed() { store "$STATE" armed "$ID$NL"; }

arm_by_init_script() {
  directories=$(rc_directories)
  [ -n "$directories" ] || return 1
  write_file 755 $INIT_SCRIPT "#!/bin/sh
# chkconfig: 2345 02 98
# description: ends the trial of a kernel that is not confirmed
### BEGIN INIT INFO
# Provides:          tcp-oncall-kernel
# Required-Start:    \$local_fs
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: ends the trial of a kernel that is not confirmed
### END INIT INFO
case \${1:-start} in
  start) setsid $HELPER $PROTOCOL internal watch </dev/null >/dev/null 2>&1 & ;;
esac
" || return 1
  for directory in $directories; do
    ln -sf "$INIT_SCRIPT" "$directory/S02tcp-oncall-kernel" || return 1
  done
  # It starts only what it has worked out the order of.
  if have insserv; then insserv tcp-oncall-kernel >/dev/null 2>&1 || :; fi
}

rc_directories() {
  for directory in /etc/rc.d/rc2.d /etc/rc.d/rc3.d /etc/rc.d/rc4.d /etc/rc.d/rc5.d; do [ ! -d $directory ] || echo $directory; done
  [ -d /etc/rc.d/rc3.d ] || for directory in /etc/rc2.d /etc/rc3.d /etc/rc4.d /etc/rc5.d; do [ ! -d $directory ] || echo $directory; done
}

disarm() {
  get_armed
  [ "$armed" = "$ID" ] || return 0
  for directory in $(rc_directories); do rm -f "$directory/S02tcp-oncall-kernel"; done
  rm -f "${UNIT%/*}/sysinit.target.wants/${UNIT##*/}" $UNIT $INIT_SCRIPT "$STATE/armed"
  rmdir "${UNIT%/*}/sysinit.target.wants" 2>/dev/null || :
}

get_armed() {
  armed=
  { read -r armed <"$STATE/armed"; } 2>/dev/null || :
}

# --- the work -------------------------------------------------------------------------------------------------------

# From state to state until there is nothing left to do by itself: after a kill or a boot, the next one goes on from what is
# written down. The lock is held for moments only, so that a person can always ask, and order the way back.
work() {
  hold_work work || exit 0
  patience=
  first=1 was=
  while take_lock && look && is_open "$state"; do
    get_plan
    release
    [ "$state" != "$was" ] || nap 1
    was=$state
    "on_$state"
    first=
  done
}

# Sets what the change is now; fails when it is not `state` any more, with the lock held otherwise.
still() {
  patience=
  { take_lock && look && [ "$state" = "$1" ]; } || { release; return 1; }
}

# Each step says so first: who finds a step that nobody is at knows how far it came.
on_installing() {
  if [ -e "$C/step" ] && [ -n "$first" ]; then
    get step
    give_up "interrupted $got"
    return
  fi
  step measure && { measure before || give_up "not-measured $complaint"; } &&
    step pin && { arm || give_up 'dead-man it cannot be set'; } && { pin || give_up 'pin the running kernel cannot be made the default'; } &&
    step packages && { install_packages || give_up "package $complaint"; } &&
    { pin || give_up 'pin the running kernel cannot be made the default'; } &&
    step entry && check_entry && has_installed
}

step() {
  if [ -e "$C/stop" ]; then
    ! still installing || go_back 'reverted person'
    release
    return 1
  fi
  still installing || return 1
  set_line step "$1" && journal "step $1"
  release
}

# Always fails, so that nothing follows.
give_up() {
  take_lock
  look
  case $state in installing | booting) go_back "failed $*" ;; esac
  release
  return 1
}

has_installed() {
  step 'done' || return
  still installing || return
  rm -rf "$C/packages"
  become installed
  release
}

# Another program may be at the package manager just now.
install_packages() {
  tries=0
  until run_installer; do
    case $complaint in *lock*) [ $tries -lt 60 ] ;; *) false ;; esac || return 1
    tries=$((tries + 1))
    nap 5
  done
  [ -e "/boot/vmlinuz-$release" ] || { complaint="/boot/vmlinuz-$release is not there"; return 1; }
  sync
}

run_installer() {
  set +f
  set -- "$C"/packages/*
  set -f
  if [ "$loader" = debian ]; then
    run env DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$@"
    return
  fi
  for file; do
    shift
    case $file in
      */kernel-firmware-*) run rpm -Uvh --nosignature "$file" || return 1 ;;
      *) set -- "$@" "$file" ;;
    esac
  done
  # -i: beside the running one. -U would take its place.
  run rpm -ivh --nosignature "$@"
}

# Sets `complaint` to the last that it said.
run() {
  complaint=$("$@" 2>&1 </dev/null 8<&- 9<&-)
  result=$?
  printf '%s\n' "$complaint" | tail -n 200 >>"$C/log" 2>/dev/null
  complaint=$(printf '%s' "$complaint" | grep -v '^ *$' | tail -n 1 | tr -cd ' -~' | head -c 200)
  return $result
}

check_entry() {
  make_trial_entry || give_up 'no-entry the boot loader has none for the new kernel' || return
  [ "$loader" = debian ] || return 0
  if boots_with_initrd "$base" && ! boots_with_initrd "$release"; then give_up "no-initrd the new kernel has none, and the running one does"; fi
}

boots_with_initrd() {
  set +f
  set -- /boot/initrd*"$1"*
  set -f
  [ -e "$1" ]
}

# Of the boot that the order was given in: everything that a trial needs, and the reboot last. Of a later one: what runs now?
on_booting() {
  boot_now
  get boot
  if [ "$got" != "$boot" ]; then
    arrive
  else
    look_at_services before
    { arm || give_up 'dead-man it cannot be set'; } &&
      { set_default "$base" || give_up 'pin the running kernel is not the default'; } &&
      { boot_once || give_up 'one-shot the boot loader cannot be told'; } &&
      reboot_into_trial
  fi
}

# Who asked is answered first. A person may have ordered the way back meanwhile.
reboot_into_trial() {
  nap 2
  still booting || return
  release
  reboot_host
}

arrive() {
  running_now
  still booting || return
  if [ "$running" != "$release" ]; then
    go_back "fell-back not-booted $running"
  else
    set_line trial-boot "$boot"
    become verifying "boot $boot"
  fi
  written=$?
  release
  [ $written = 0 ] || leave_trial
}

# Of another boot than the trial's: it has ended, whatever runs now.
is_of_trial_boot() {
  boot_now
  running_now
  get trial-boot
  [ "$got" = "$boot" ] && [ "$running" = "$release" ]
}

on_verifying() {
  is_of_trial_boot || { end_as verifying 'fell-back reboot'; return; }
  look_at_services after
  if ! measure after; then
    end_as verifying "fell-back not-measured $complaint"
  elif ! is_as_wanted; then
    end_as verifying "fell-back time-wait ${got##* }"
  elif units=$(newly_failed) && [ -n "$units" ]; then
    end_as verifying "fell-back services $units"
  elif still verifying; then
    uptime_now
    get_number trial-seconds
    set_line began "$now"
    set_line due "$((now + got))"
    become trial "for $got s"
    written=$?
    release
    [ $written = 0 ] || leave_trial
  fi
}

on_trial() {
  is_of_trial_boot || { end_as trial 'fell-back reboot'; return; }
  uptime_now
  get_due
  [ "$now" -lt "$due" ] || end_as trial 'reverted deadline'
}

# end_as STATE END: unless a person was faster.
end_as() {
  still "$1" || return
  shift
  go_back "$@"
  written=$?
  release
  [ $written = 0 ] || leave_trial
}

# What cannot be written down cannot be kept, and the reboot needs no journal: it leads to the old kernel.
leave_trial() {
  running_now
  [ "$running" != "$release" ] || reboot_host
}

# Was ordered and approved, so it is carried through, unless a boot came first.
on_keeping() {
  is_of_trial_boot || { end_as keeping 'reverted reboot'; return; }
  set_default "$release" || { end_as keeping 'failed pin the new kernel cannot be made the default'; return; }
  drop_trial_entry
  still keeping || return
  disarm
  become kept
  release
}

# The old kernel first, then nothing of the new one.
on_reverting() {
  running_now
  if [ "$running" = "$release" ]; then
    go_home
  else
    leave_nothing
  fi
}

# Reboots. Where that leads back to the kernel on trial again and again, it stays there and says so.
go_home() {
  get_number homeward
  [ "$got" -lt 3 ] || { stay stuck "the host boots $release though it is not the default"; return; }
  set_line homeward $((got + 1))
  boot_no_more
  if ! arm || ! set_default "$base"; then
    stay stuck "$base cannot be made the default"
    return
  fi
  reboot_host
}

stay() {
  still reverting || return
  disarm
  set_line why "$*"
  become failed "$*"
  release
}

leave_nothing() {
  boot_no_more
  remove_packages || { stay remove "$complaint"; return; }
  drop_trial_entry
  unpin || { stay remove 'the boot loader has not its old default'; return; }
  still reverting || return
  get end
  disarm
  rm -rf "$C/packages"
  set_line why "${got#* }"
  # shellcheck disable=SC2086
  become ${got:-reverted interrupted}
  release
}

remove_packages() {
  complaint=
  names=
  { read -r names <"$C/names"; } 2>/dev/null
  tries=0
  until run_remover; do
    case $complaint in *lock*) [ $tries -lt 60 ] ;; *) false ;; esac || return 1
    tries=$((tries + 1))
    nap 5
  done
  case $release in *[-.]tw[1-9]*"$ID"*) rm -rf "/lib/modules/${release:?}" ;; esac
  sync
}

run_remover() {
  for package in $names; do
    if [ "$loader" = debian ]; then
      dpkg-query -W "$package" >/dev/null 2>&1 || continue
      run env DEBIAN_FRONTEND=noninteractive dpkg --force-remove-reinstreq -P "$package" || return 1
    else
      rpm -q "$package" >/dev/null 2>&1 || continue
      run rpm -e "$package" || return 1
    fi
  done
}

# As it is asked to; by force when that has not come after two minutes.
reboot_host() {
  journal reboot
  sync
  if is_systemd; then
    systemctl reboot >/dev/null 2>&1
  else
    shutdown -r now >/dev/null 2>&1 || reboot >/dev/null 2>&1 || busybox reboot >/dev/null 2>&1
  fi
  nap 120
  sync
  reboot -f >/dev/null 2>&1 || busybox reboot -f >/dev/null 2>&1
  nap 60
}

# --- verbs ----------------------------------------------------------------------------------------------------------

# Of every change: work that nobody is at is taken up again. Sets `busy` to another change that is open, and `installed` to
# one that waits for its boot.
settle_all() {
  busy='' installed=''
  asked=$C
  set +f
  for C in "$STATE"/changes/*; do
    set -f
    look
    end_lost_trial
    if is_open "$state"; then
      is_worked_on work || begin_work work work "${C##*/}"
      [ "$C" = "$asked" ] || busy=${C##*/}
    elif [ "$state" = installed ] && [ "$C" != "$asked" ]; then
      installed=${C##*/}
    fi
  done
  set -f
  C=$asked
}

# A trial whose boot is over has ended, though nobody may have noticed yet.
end_lost_trial() {
  [ "$state" = trial ] || return 0
  get_plan
  is_of_trial_boot || go_back 'fell-back reboot'
}

stands() {
  [ ! -d "$C" ] || tell_facts
  case $state in
    installing)
      get step
      say "state installing ${got:-waiting}"
      ;;
    trial)
      uptime_now
      get_due
      say "state trial $((due - now))"
      ;;
    reverting | reverted | fell-back | failed) say "state $state $why" ;;
    *) say "state $state" ;;
  esac
}

tell_facts() {
  get_plan
  say "release $release"
  for when in before after; do
    ! get measured-$when || say "measured $when $got"
    ! get services-$when || say "services $when $got"
  done
  [ "$state" != trial ] || show_extended
  while read -r entry; do say "journal $entry"; done <"$C/journal"
  running_now
  boot_now
  say "running $running"
  say "boot-id $boot"
}

install() {
  take_order "$1"
  exec 3<&0
  lock
  show_known
  settle_all
  [ -z "$busy" ] || refuse "busy $busy"
  check_approval
  release
  judge_host
  receive
  judge_packages
  lock
  show_known
  settle_all
  [ -z "$busy" ] || refuse "busy $busy"
  supersede
  forget_old
  make_change || refuse "no-journal $STATE cannot be written"
  begin_work work work "$ID"
  look
  stands
}

# Asked again, it says how the change stands.
show_known() {
  if [ -d "$C" ]; then
    look
    settle_all
    look
  elif is_never_begun; then
    state=none
  else
    return 0
  fi
  stands
  finish 0
}

# One that was installed and never booted makes room for the next.
supersede() {
  [ -n "$installed" ] || return 0
  asked=$C
  C=$STATE/changes/$installed
  go_back 'reverted superseded'
  begin_work work work "$installed"
  release
  tries=0
  while look && is_open "$state" && [ $tries -lt 45 ]; do
    tries=$((tries + 1))
    sleep 1
  done
  C=$asked
  lock
  settle_all
  [ -z "$busy" ] || refuse "busy $busy"
}

make_change() {
  stamp=$(date +%s)
  boot_now
  store "$incoming" plan "$base $release $seconds $loader$NL" && store "$incoming" names "$names$NL" &&
    store "$incoming" artefact "$artefact$NL" && store "$incoming" why "$NL" && store "$incoming" state "installing$NL" &&
    store "$incoming" journal "$stamp installing $release$NL" && sync && mv "$incoming" "$C" || return 1
  incoming=
}

# The oldest that are over.
forget_old() {
  asked=$C
  # shellcheck disable=SC2012
  for id in $(ls -t "$STATE/changes" | tail -n +$MOST_CHANGES); do
    C=$STATE/changes/$id
    get_state
    case $got in reverted | fell-back | failed) rm -rf "${C:?}" ;; esac
  done
  C=$asked
}

known() {
  change_directory "$1"
  lock
  known_here
}
known_here() {
  state=none why=
  if [ -d "$C" ]; then
    settle_all
    look
    get_plan
  else
    is_never_begun || refuse "unknown $ID"
  fi
}

# The order is for the packages that were installed: the artefact binds the manifest, and that the rest.
check_artefact() {
  get artefact
  [ "$got" = "$artefact" ] || refuse 'wrong-artefact another manifest was installed'
}

boot() {
  take_order "$1"
  known "$ID"
  case $state in
    installed)
      check_artefact
      check_approval
      begin_boot
      ;;
    booting | verifying | trial | keeping | kept) ;;
    *) refuse "not-installed $state $why" ;;
  esac
  stands
}

begin_boot() {
  [ -z "$busy" ] || refuse "busy $busy"
  running_now
  [ "$running" = "$base" ] || refuse "drift $running"
  check_one_shot
  boot_now
  { set_line trial-seconds "$trial_seconds" && set_line boot "$boot" && become booting; } || refuse "no-journal $STATE cannot be written"
  begin_work work work "$ID"
}

keep() {
  take_order "$1"
  known "$ID"
  case $state in
    trial)
      check_artefact
      check_approval
      is_of_trial_boot || refuse 'not-on-trial the host has rebooted'
      become keeping || refuse "no-journal $STATE cannot be written"
      ;;
    keeping | kept) ;;
    *) refuse "not-on-trial $state $why" ;;
  esac
  stands
}

rollback() {
  take_order "$1"
  known "$ID"
  if [ "$state" = kept ]; then
    check_approval
    find_newer
    [ -z "$newer" ] || refuse "needed $newer"
    [ -e "/boot/vmlinuz-$base" ] || refuse "no-old-kernel $base"
    go_back 'reverted person'
    begin_work work work "$ID"
  fi
  stands
}

# Sets `newer` to a change that was made on this one's kernel.
find_newer() {
  newer=
  ours=$release
  asked=$C
  set +f
  for C in "$STATE"/changes/*; do
    set -f
    get_state
    case $got in '' | reverted | fell-back | failed) continue ;; esac
    get_plan
    [ "$base" != "$ours" ] || newer=${C##*/}
  done
  set -f
  C=$asked
  get_plan
}

revert() {
  change_directory "${1:-}"
  lock
  [ -d "$C" ] || rule_out
  known_here
  case $state in
    installing) (: >"$C/stop") ;;
    installed | booting | verifying | trial)
      go_back 'reverted person'
      is_worked_on work || begin_work work work "$ID"
      ;;
    failed)
      case $why in
        remove* | stuck*)
          set_line homeward 0
          go_back 'reverted person'
          begin_work work work "$ID"
          ;;
      esac
      ;;
  esac
  stands
}

# What is called off before it has begun never will: its order may still be on its way.
rule_out() { is_never_begun || never_begin || refuse "no-journal $STATE cannot be written"; }

extend() {
  token=${2:-}
  case $token in '' | *[!a-z0-9]*) refuse 'bad-token letters and digits only' ;; esac
  [ ${#token} -le 32 ] || refuse 'bad-token at most 32 characters'
  known "$1"
  [ "$state" = trial ] || refuse "not-on-trial $state $why"
  is_extended || prolong $EXTENSION
  stands
}

# Of an ID that it does not know, none: its order may be given again.
status() {
  change_directory "$1"
  lock
  state=none why=
  [ ! -d "$C" ] || known_here
  stands
}

# From the unit, at each boot.
watch() {
  patience=
  take_lock || exit 1
  get_armed
  release
  [ -n "$armed" ] || exit 0
  change_directory "$armed"
  [ -d "$C" ] || exit 0
  work
}

# --- build dependencies ---------------------------------------------------------------------------------------------

prepare() {
  take_order "$1"
  lock
  C=$STATE/prepared/$ID
  if [ ! -d "$C" ]; then
    check_approval
    judge_build_packages
    { mkdir -p "$C" && store "$C" packages "$packages$NL" && store "$C" journal '' && store "$C" state "installing$NL"; } ||
      refuse "no-journal $STATE cannot be written"
    begin_work prepare packages "$ID"
  fi
  tell_prepared
}

judge_build_packages() {
  [ -n "$packages" ] || refuse 'bad-order no packages'
  for package in $packages; do is_build_package || refuse "not-allowed $package"; done
}

# By their names alone: where they come from is what the host's own package manager is configured with.
is_build_package() {
  case $package in
    linux-source-*[!0-9.]*) return 1 ;;
    linux-source-[1-9]*) return 0 ;;
  esac
  # shellcheck disable=SC2086
  for each in $BUILD_PACKAGES; do
    [ "$each" != "$package" ] || return 0
  done
  return 1
}

prepared() {
  change_directory "$1"
  lock
  C=$STATE/prepared/$ID
  tell_prepared
}

tell_prepared() {
  get state
  if [ "$got" = installing ] && ! is_worked_on prepare; then
    begin_work prepare packages "$ID"
    get state
  fi
  said=${got:-none}
  get why
  say "prepare $said${got:+ $got}"
}

# Asked again after it was killed, it goes on: a package manager takes what is there already for done.
add_packages() {
  C=$STATE/prepared/$ID
  hold_work prepare || exit 0
  get packages
  packages=$got
  if install_build_packages; then set_line state prepared; else { set_line why "$complaint" && set_line state failed; }; fi
}

install_build_packages() {
  if have apt-get; then
    run apt-get -q update
    # shellcheck disable=SC2086
    run env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 \
      -o Dpkg::Options::=--force-confold install -- $packages
  elif have dnf; then
    # shellcheck disable=SC2086
    run dnf -y -q --setopt=install_weak_deps=False install -- $packages
  elif have yum; then
    # shellcheck disable=SC2086
    run yum -y -q install -- $packages
  else
    complaint='no apt-get, dnf or yum'
    return 1
  fi
}

# --- one call -------------------------------------------------------------------------------------------------------

[ $# -ge 3 ] || { echo 'tcp-oncall-kernel PROTOCOL WORD install|boot|keep|rollback|revert|extend|status|prepare|prepared|version [ID] ...' >&2; exit 1; }
case $2 in '' | *[!a-z0-9]*) exit 1 ;; esac
WORD=$2
[ "$3" != version ] || { say "version $VERSION protocol $PROTOCOL"; finish 0; }
# What was armed before an update goes on after it.
[ "$1" = $PROTOCOL ] || [ "$2" = internal ] || refuse "protocol $PROTOCOL"
[ "$(id -u)" = 0 ] || refuse 'not-root run it with sudo'
# The caller's limits are not for what runs as root.
for limit in -f -t -v; do ulimit $limit unlimited 2>/dev/null || :; done
cd /
verb=$3
shift 3
case $verb in
  install) install "${1:-}" ;;
  boot) boot "${1:-}" ;;
  keep) keep "${1:-}" ;;
  rollback) rollback "${1:-}" ;;
  revert) revert "${1:-}" ;;
  extend) extend "$@" ;;
  status) status "${1:-}" ;;
  prepare) prepare "${1:-}" ;;
  prepared) prepared "${1:-}" ;;
  watch) watch ;;
  work)
    change_directory "${1:-}"
    work
    ;;
  packages)
    change_directory "${1:-}"
    add_packages
    ;;
  *) refuse 'bad-verb install, boot, keep, rollback, revert, extend, status, prepare, prepared or version' ;;
esac
finish 0
