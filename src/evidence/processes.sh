# Who owns the listeners and the CLOSE_WAIT sockets that the socket table named, without asking ss -p, which reads every
# descriptor of every process and grows with the square of their number. A process with very many descriptors is
# searched among its first 64 only.
self=$(readlink /proc/self/ns/net)
me=$(id -u)
privilege=
seen=own
if [ "$me" = 0 ]; then
  seen=all
elif sudo -n ls -ln /proc/1/ns/net /proc/1/fd >/dev/null 2>&1; then
  privilege='sudo -n'
  seen=all
fi
echo "seen $seen"

# The listening ports of a process's network namespace. /proc/PID/net/tcp makes the kernel walk the whole table, so it is
# read only where sockstat knows of a socket, and where nsenter cannot be used.
listening_ports() {
  ports=$({
    if [ "$me" = 0 ] && command -v nsenter >/dev/null && command -v ss >/dev/null; then
      nsenter -t "$1" -n ss -tn state listening 2>/dev/null | awk '{ at = $1 == "LISTEN" ? $4 : $3; sub(/.*:/, "", at) } at ~ /^[0-9]+$/ { print at }'
    else
      for family in '' 6; do
        grep -q "^TCP$family: inuse [1-9]" "/proc/$1/net/sockstat$family" 2>/dev/null || continue
        awk '$1 == "sl" { next } $4 != "0A" { exit } { print substr($2, length($2) - 3) }' "/proc/$1/net/tcp$family" 2>/dev/null |
          while read -r port; do echo $((0x$port)); done
      done
    fi
  } | sort -nu | head -n 20)
  [ -n "$ports" ] || { echo -; return; }
  printf '%s\n' "$ports" | paste -s -d, -
}

# A process without VmSize is a kernel thread and owns nothing. The paths come first, then the threads of each user.
scan=$(cat /proc/[0-9]*/status 2>/dev/null | awk '
  $1 == "Pid:" { pid = $2 } $1 == "FDSize:" { size = $2 } $1 == "Uid:" { uid = $2 }
  $1 == "VmSize:" {
    print "/proc/" pid "/ns/net"
    if (size <= 4096) print "/proc/" pid "/fd"
    else { for (i = 0; i < 64; i++) print "/proc/" pid "/fd/" i }
  }
  $1 == "Threads:" { threads[uid] += $2 }
  END { for (uid in threads) print "user " uid " " threads[uid] }')
# shellcheck disable=SC2086
set -- ${scan%%user *}
# A single directory would be listed without its name.
set -- "$@" /proc/self/ns/net
owners=$({
  printf '%s\n' "$SOCKETS" "user ${scan#*user }"
  # shellcheck disable=SC2086
  $privilege ls -ln "$@" 2>/dev/null
} | awk -v self="$self" '
  BEGIN { gsub(/[^0-9]/, "", self) }
  $1 == "user" { threads_of[$2] = $3; next }
  $1 == "inode" { if ($4 > 0) { kind[$4] = $2; port[$4] = $3 } next }
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
  END {
    for (pid in owner) if (shown++ < 40) {
      limits = "/proc/" pid "/limits"; status = "/proc/" pid "/status"
      uid = value(status, "Uid:", 1)
      if (uid in threads_of) { print "user " uid " " threads_of[uid]; delete threads_of[uid] }
      print "process " pid, uid, value(status, "Threads:", 1), (pid in counted ? descriptors[pid] + 0 : "?"), value(limits, "Max open files", 1), value(limits, "Max open files", 2), value(limits, "Max processes", 1), (pid in netns ? netns[pid] : "-"), closing[pid] + 0, (pid in ports ? ports[pid] : "-"), name_of(pid)
    }
    if (shown > 40) print "omitted " shown - 40
    for (i in kind) if (!(i in owned)) { if (kind[i] == "listen") print "ownerless listen " port[i]; else lost++ }
    if (lost) print "ownerless close-wait " lost
    for (ns in sample) if (ns != self && namespaces++ < 10) print "namespace " ns, sample[ns], name_of(sample[ns])
  }')

# Nothing to count, and no other namespace to look into.
case $owners in
  *' ? '* | *'namespace '*) ;;
  *)
    printf '%s\n' "$owners"
    exit 0
    ;;
esac

# Since Linux 6.2 the size of /proc/PID/fd is the count; before, the descriptors have to be listed.
# shellcheck disable=SC2046
sizes=$(stat -c '%n %s' /proc/self/fd $(printf '%s\n' "$owners" | awk '$1 == "process" && $5 == "?" { print "/proc/" $2 "/fd" }') 2>/dev/null)
printf '%s\n' "$sizes" "$owners" | awk '
  $1 ~ /^\/proc\// { split($1, part, "/"); size[part[3]] = $2; next }
  $1 == "process" && $5 == "?" && size[$2] > 0 { $5 = size[$2] }
  { print }' | while read -r kind pid uid threads descriptors rest; do
  if [ "$kind" = namespace ]; then
    echo "namespace $pid $uid $(listening_ports "$uid") $threads $descriptors $rest"
    continue
  fi
  [ "$descriptors" != '?' ] || descriptors=$($privilege ls -f "/proc/$pid/fd" 2>/dev/null | awk 'END { print NR > 2 ? NR - 2 : "-" }')
  echo "$kind $pid $uid $threads $descriptors $rest"
done
