# Who owns the listeners and the CLOSE_WAIT sockets that the socket table named, without asking ss -p, which reads every
# descriptor of every process and grows with the square of their number. A process with very many descriptors is
# searched among its first 64 only. However many owners and namespaces there are, it takes no more processes.
privilege=
seen=own
if [ "$ME" = 0 ]; then
  seen=all
elif sudo -n ls -ln /proc/1/ns/net /proc/1/fd >/dev/null; then
  privilege='sudo -n'
  seen=all
fi
echo "seen $seen"

# Three words or more: the threads of each user, the descriptors' directories that are too large to be listed, and the paths
# to look at. A process without VmSize is a kernel thread and owns nothing.
scan=$(awk '
  BEGIN {
    for (i = 1; i < ARGC; i++) {
      pid = size = uid = owns = 0
      while ((getline < ARGV[i]) > 0) {
        if ($1 == "Pid:") pid = $2
        else if ($1 == "FDSize:") size = $2
        else if ($1 == "Uid:") uid = $2
        else if ($1 == "VmSize:") owns = 1
        else if ($1 == "Threads:") { threads[uid] += $2; break }
      }
      close(ARGV[i])
      if (owns) sizes[pid] = size
    }
    for (uid in threads) printf "%s:%s,", uid, threads[uid]
    printf " -"
    for (pid in sizes) if (sizes[pid] > 4096) printf ",/proc/%s/fd", pid
    for (pid in sizes) {
      print " /proc/" pid "/ns/net"
      if (sizes[pid] <= 4096) print "/proc/" pid "/fd"
      else for (i = 0; i < 64; i++) print "/proc/" pid "/fd/" i
    }
  }' /proc/[0-9]*/status)
# shellcheck disable=SC2086 # words
set -- $scan
threads=$1 large=${2#-} self=$LISTED sizes=
large=${large#,}
shift 2
# Since Linux 6.2 the size of such a directory is the number of its descriptors.
IFS=,
# shellcheck disable=SC2086 # words
[ -z "$large" ] || sizes=$(stat -c '%n %s' $large)
unset IFS
# Root enters the other namespaces (setns(2)) and asks for listeners alone (sock_diag(7)), which no file of /proc offers: the kernel walks
# the whole table, whoever's sockets are in it, to end such a file.
# shellcheck disable=SC2089 # a program
entering='
  my $setns = {x86_64 => 308, aarch64 => 268, riscv64 => 268, ppc64le => 350, s390x => 339}->{$ENV{MACHINE}};
  exit if !$setns || length(pack("L!", 0)) != 8;
  PID: for my $pid (@ARGV) {
    open(my $namespace, "<", "/proc/$pid/ns/net") && !syscall($setns, fileno($namespace), 0x40000000) or next;
    my %ports;
    for my $family (2, 10) {
      socket(my $diag, 16, 3, 4) && syswrite($diag, pack("L S S L L C C C C L x48", 72, 20, 0x301, 1, 0, $family, 6, 0, 0, 1 << 10)) or next PID;
      BUFFER: while (sysread($diag, my $buffer, 32768)) {
        for (my $at = 0; $at < length $buffer;) {
          my ($length, $type) = unpack("x$at L S", $buffer);
          last BUFFER if $type == 3;
          next PID if $type == 2;
          $ports{unpack("x$at x20 n", $buffer)} = 1;
          $at += ($length + 3) & ~3;
        }
      }
    }
    my @ports = sort { $a <=> $b } keys %ports;
    splice(@ports, 20) if @ports > 20;
    print "$pid ", @ports ? join(",", @ports) : "-", "\n";
  }'
# shellcheck disable=SC2090
export threads self sizes privilege entering

# shellcheck disable=SC2086 # none, or two words; a single directory would be listed without its name
$privilege ls -ln "$@" /proc/self/ns/net | awk '
  BEGIN {
    self = substr(ENVIRON["self"], index(ENVIRON["self"], "/proc/self/ns/net -> net:[") + 26)
    sub(/].*/, "", self)
    n = split(ENVIRON["threads"], pair, ",")
    for (i = 1; i < n; i++) { split(pair[i], part, ":"); threads_of[part[1]] = part[2] }
    n = split(ENVIRON["sizes"], pair, "\n")
    for (i = 1; i <= n; i++) { split(pair[i], part, "[/ ]"); size[part[3]] = part[5] }
    n = split(ENVIRON["SOCKETS"], row, "\n")
    for (i = 1; i <= n; i++) {
      split(row[i], word, " ")
      if (word[1] == "inode" && word[4] > 0) { kind[word[4]] = word[2]; port[word[4]] = word[3] }
    }
    for (i = 0; i < 16; i++) hex[sprintf("%X", i)] = i
  }
  /^\/proc\/[0-9]+\/fd:$/ { split($1, part, "/"); pid = part[3]; counted[pid] = 1; next }
  NF > 2 && $(NF - 1) == "->" {
    if ($(NF - 2) ~ /^\/proc\//) { split($(NF - 2), part, "/"); pid = part[3] }
    else descriptors[pid]++
    if ($NF ~ /^socket:/) own(substr($NF, 9, length($NF) - 9))
    else if ($NF ~ /^net:/) { netns[pid] = substr($NF, 6, length($NF) - 6); sample[netns[pid]] = pid }
  }
  function own(inode) {
    if (!(inode in kind)) return
    owned[inode] = 1
    if (kind[inode] == "close-wait") closing[pid]++
    else if (!((pid, port[inode]) in has)) { has[pid, port[inode]] = 1; ports[pid] = ports[pid] (ports[pid] == "" ? "" : ",") port[inode] }
    owner[pid] = 1
  }
  function value(file, name, field,   line, words, got) {
    while ((getline line < file) > 0) if (index(line, name) == 1) { split(substr(line, length(name) + 1), words, " "); got = words[field]; break }
    close(file)
    return got == "" ? "-" : got
  }
  function name_of(pid,   line, name) {
    while ((getline line < ("/proc/" pid "/status")) > 0) if (index(line, "Name:") == 1) { name = substr(line, 7); break }
    close("/proc/" pid "/status")
    return name
  }
  # Before Linux 6.2 the descriptors have to be listed: sudo allows one directory at a time.
  function count_descriptors(directories,   command, line, pid) {
    command = "exec ls -f /proc/self/fd" directories
    if (ENVIRON["privilege"] != "") command = "for d in" directories "; do echo $d:; sudo -n ls -f $d; done"
    while ((command | getline line) > 0) {
      if (line ~ /:$/) { split(line, part, "/"); pid = part[3] }
      else if (line ~ /^[0-9]+$/) size[pid]++
    }
    close(command)
  }
  function enter(pids,   command) {
    command = "exec perl -e \"$entering\"" pids
    while ((command | getline line) > 0) { split(line, part, " "); ports_in[part[1]] = part[2] }
    close(command)
  }
  # The listening ports of the network namespace of a process, from the file where it was not entered, and only where the kernel
  # knows of a socket.
  function listening(pid,   family, file, line, words, at, seen, shown, least, list) {
    for (family = 1; family <= 2; family++) {
      if (value("/proc/" pid "/net/sockstat" (family == 2 ? 6 : ""), family == 2 ? "TCP6:" : "TCP:", 2) + 0 == 0) continue
      file = "/proc/" pid "/net/tcp" (family == 2 ? 6 : "")
      for (at = 0; at < 1000 && (getline line < file) > 0; at++) {
        split(line, words, " ")
        if (words[1] == "sl") continue
        if (words[4] != "0A") break
        seen[number(substr(words[2], length(words[2]) - 3))] = 1
      }
      close(file)
    }
    for (shown = 0; shown < 20; shown++) {
      least = ""
      for (at in seen) if (least == "" || at + 0 < least) least = at + 0
      if (least == "") break
      delete seen[least]
      list = list (list == "" ? "" : ",") least
    }
    return list == "" ? "-" : list
  }
  function number(text,   i, n) { for (i = 1; i <= length(text); i++) n = n * 16 + hex[substr(text, i, 1)]; return n + 0 }
  END {
    for (pid in owner) if (shown++ < 40) { show[pid] = 1; if (!(pid in counted) && !(size[pid] > 0) && unlisted++ < 10) directories = directories " /proc/" pid "/fd" }
    if (directories != "") count_descriptors(directories)
    for (pid in show) {
      limits = "/proc/" pid "/limits"; status = "/proc/" pid "/status"
      uid = value(status, "Uid:", 1)
      if (uid in threads_of) { print "user " uid " " threads_of[uid]; delete threads_of[uid] }
      print "process " pid, uid, value(status, "Threads:", 1), (pid in counted ? descriptors[pid] + 0 : size[pid] > 0 ? size[pid] : "-"), value(limits, "Max open files", 1), value(limits, "Max open files", 2), value(limits, "Max processes", 1), (pid in netns ? netns[pid] : "-"), closing[pid] + 0, (pid in ports ? ports[pid] : "-"), name_of(pid)
    }
    if (shown > 40) print "omitted " shown - 40
    for (i in kind) if (!(i in owned)) { if (kind[i] == "listen") print "ownerless listen " port[i]; else lost++ }
    if (lost) print "ownerless close-wait " lost
    for (ns in sample) if (ns != self && namespaces++ < 10) { other[ns] = sample[ns]; pids = pids " " sample[ns] }
    if (pids != "" && ENVIRON["ME"] == 0) enter(pids)
    for (ns in other) print "namespace " ns, other[ns], (other[ns] in ports_in ? ports_in[other[ns]] : listening(other[ns])), name_of(other[ns])
  }'
return 0
