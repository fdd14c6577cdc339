# The TCP socket table in one awk pass. /proc/net/tcp is read rather than ss, because it costs less CPU and carries the
# inode; ss serves where /proc/net/tcp is not readable, and for the second look at a large table, where its kernel-side
# state filter leaves out the established and TIME_WAIT rows that make the table large.
proc_net=${PROC_NET:-/proc/net}
sockets=$(awk '$1 == "TCP:" { n += $3 + $7 } $1 == "TCP6:" { n += $3 } END { print n + 0 }' "$proc_net"/sockstat*)
if [ "$sockets" -gt 1000000 ]; then
  echo "$sockets sockets, more than 1000000"
  exit 5
fi
coverage=all
states=all
if [ "${SAMPLE:-1}" = 2 ] && [ "$sockets" -gt 20000 ]; then
  command -v ss >/dev/null 2>&1 || { echo "$sockets sockets, too many to read twice without ss"; exit 5; }
  coverage=transient
  states='listening syn-sent syn-recv fin-wait-1 fin-wait-2 close-wait last-ack closing'
fi
# cat, not read: dash reads one byte at a time, and a sysctl file gives its value to the first read only.
# shellcheck disable=SC2046
set -- $(cat /proc/sys/net/ipv4/ip_local_port_range)
low=${1:-1} high=${2:-0}
set --

if [ $coverage = all ] && [ -r "$proc_net/tcp" ]; then
  reader=proc
elif command -v ss >/dev/null 2>&1; then
  reader=ss
else
  echo "$proc_net/tcp"
  exit 4
fi

rows() {
  if [ $reader = proc ]; then
    set -- "$proc_net/tcp"
    [ -r "$proc_net/tcp6" ] && set -- "$1" "$proc_net/tcp6"
    aggregate proc "$@"
  else
    for state in $states; do set -- "$@" state "$state"; done
    ss -tanoe "$@" 2>/dev/null | aggregate ss -
  fi
}

# shellcheck disable=SC2016
aggregate() {
  from=$1
  shift
  awk -v from="$from" -v low="$low" -v high="$high" '
    BEGIN {
      for (i = 0; i < 256; i++) { hex[sprintf("%02X", i)] = i; hex[sprintf("%02x", i)] = i }
      n = split("ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING NEW-SYN-RECV", name, " ")
      for (i = 1; i <= n; i++) code[name[i]] = sprintf("%02X", i)
      if (from == "proc") for (i = 1; i < ARGC; i++) listening(ARGV[i])
    }
    # Listeners come first in each file; both files are asked before the first row is counted.
    function listening(file,   line, field) {
      while ((getline line < file) > 0) {
        split(line, field, " ")
        if (field[4] == "0A") { port = number(substr(field[2], length(field[2]) - 3)); listens[port] = 1; inode_of_listener(port, field[10]) }
        else if (field[1] != "sl") break
      }
      close(file)
    }
    function inode_of_listener(port, inode) { if (listeners++ < 100) print "inode listen " port " " inode }
    function number(port) { return hex[substr(port, 1, 2)] * 256 + hex[substr(port, 3, 2)] }
    from == "proc" && $1 == "sl" { next }
    from == "proc" {
      st = $4
      states[st]++
      if (st == "0A") next
      at = length($2)
      source = substr($2, 1, at - 5); lport = number(substr($2, at - 3))
      at = length($3)
      target = substr($3, 1, at - 5); rport = number(substr($3, at - 3))
      # A v4-mapped address shares the tuple space of the IPv4 address it holds.
      if (substr(source, 1, 24) == "0000000000000000FFFF0000") source = substr(source, 25)
      if (substr(target, 1, 24) == "0000000000000000FFFF0000") target = substr(target, 25)
      timer = substr($6, 1, 2)
      if (timer == "03") left = number(substr($6, 8)) + 65536 * number(substr($6, 4, 4))
      if (st == "02") resent = ($7 != "00000000")
      if (st == "08") unread = (substr($5, 10) != "00000000")
      inode = $10
      count()
      next
    }
    $1 == "State" || $1 == "Netid" || $1 == "Recv-Q" { next }
    !($1 in code) || NF < 5 || $2 $3 ~ /[^0-9]/ { if (!bad++) print "unreadable " $0; next }
    {
      st = code[$1]
      states[st]++
      source = address($4); lport = port_of($4) + 0; target = address($5); rport = port_of($5) + 0
      inode = match($0, /ino:[0-9]+/) ? substr($0, RSTART + 4, RLENGTH - 4) : 0
      if (st == "0A") { listens[lport] = 1; inode_of_listener(lport, inode); next }
      unread = $2 > 0
      timer = "00"; resent = 0
      if (match($0, /timer:\([^)]*\)/)) {
        split(substr($0, RSTART + 7, RLENGTH - 8), part, ",")
        timer = part[1] == "on" ? "01" : part[1] == "keepalive" ? "02" : part[1] == "timewait" ? "03" : "04"
        left = centiseconds(part[2]); resent = part[3] > 0
      }
      count()
    }
    function address(text) {
      sub(/:[^:]*$/, "", text)
      gsub(/[][]/, "", text)
      sub(/%.*/, "", text)
      sub(/^::ffff:/, "", text)
      return text
    }
    function port_of(text) { sub(/.*:/, "", text); return text }
    # 1min3sec, 59sec, 560ms, and 4.560ms, by which ss means 4.560 s.
    function centiseconds(text,   sum) {
      if (match(text, /[0-9]+min/)) sum = 6000 * substr(text, RSTART, RLENGTH - 3)
      if (match(text, /[0-9]+sec/)) sum += 100 * substr(text, RSTART, RLENGTH - 3)
      if (match(text, /[0-9]+\.[0-9]+ms/)) sum += 100 * substr(text, RSTART, RLENGTH - 2)
      else if (match(text, /[0-9]+ms/)) sum += substr(text, RSTART, RLENGTH - 2) / 10
      return sum
    }
    function count(   key) {
      if (st == "06") {
        if (!timers++ || left < shortest) shortest = left
        if (left > longest) longest = left
      } else if (st == "05") {
        if (timer == "03") minis++
        else if (inode == 0) orphans++
        else held++
      }
      if (lport in listens) {
        inbound[lport]++
        inbound[lport, st]++
        if (st == "08") close_wait(lport " " target " -")
        return
      }
      if (st == "08") close_wait("- " target " " rport)
      key = source " " target " " rport
      if (!(key in total)) {
        if (destinations >= 50000) { uncounted++; return }
        destinations++
      }
      total[key]++
      by_state[key, st]++
      sockets_of[source]++
      if (lport >= low && lport <= high) {
        in_range[key]++
        if (lport % 2) odd[key]++
        if (!((source, lport) in seen)) {
          seen[source, lport] = 1
          distinct[source]++
          if (lport % 2) distinct_odd[source]++
        }
      }
      if (st == "06") { if (left > 5000) young[key]++; else if (left < 1000) old[key]++ }
      else if (st == "01") { if (timer == "02") alive[key]++ }
      else if (st == "02" && resent) again[key]++
    }
    function close_wait(group) {
      closing[group]++
      if (unread) not_read[group]++
      if (inode == 0) not_accepted[group]++
      else if (close_inodes++ < 100) print "inode close-wait - " inode
    }
    END {
      for (s in states) print "state " s " " states[s]
      for (p in listens) print "listening " p
      for (p in inbound) if (p ~ /^[0-9]+$/) print "inbound " inbound[p], p, inbound[p, "01"] + 0, inbound[p, "06"] + 0, inbound[p, "03"] + 0, inbound[p, "08"] + 0, inbound[p, "05"] + 0
      for (k in total) print "outbound " total[k], k, in_range[k] + 0, odd[k] + 0, by_state[k, "01"] + 0, alive[k] + 0, by_state[k, "06"] + 0, young[k] + 0, old[k] + 0, by_state[k, "02"] + 0, again[k] + 0, by_state[k, "08"] + 0
      for (s in sockets_of) print "source " sockets_of[s], s, distinct[s] + 0, distinct_odd[s] + 0
      if (timers) print "timer " shortest, longest
      print "finwait2 " minis + 0, orphans + 0, held + 0
      for (g in closing) print "closewait " closing[g], g, not_read[g] + 0, not_accepted[g] + 0
      print "uncounted " uncounted + 0
    }' "$@"
}

case $(uname -m) in s390* | ppc | ppc64 | sparc* | mips | mips64 | m68k | parisc*) order=big ;; *) order=little ;; esac
echo "coverage $coverage"
# The busiest groups of each kind, addresses written out; the rest is counted.
rows | sort -k1,1 -k2,2rn | awk -v order=$order '
  BEGIN { for (i = 0; i < 256; i++) hex[sprintf("%02X", i)] = i; most["inbound"] = 40; most["outbound"] = 40; most["source"] = 20; most["closewait"] = 20 }
  function word(text) {
    return order == "little" ? substr(text, 7, 2) substr(text, 5, 2) substr(text, 3, 2) substr(text, 1, 2) : text
  }
  function address(text,   i, out, part) {
    if (text ~ /[.:]/) return text
    if (length(text) == 8) {
      text = word(text)
      return hex[substr(text, 1, 2)] "." hex[substr(text, 3, 2)] "." hex[substr(text, 5, 2)] "." hex[substr(text, 7, 2)]
    }
    for (i = 1; i <= 32; i += 8) {
      part = word(substr(text, i, 8))
      out = out (i > 1 ? ":" : "") tolower(substr(part, 1, 4)) ":" tolower(substr(part, 5, 4))
    }
    return out
  }
  $1 in most && shown[$1]++ >= most[$1] { omitted[$1]++; next }
  $1 == "outbound" { $3 = address($3); $4 = address($4) }
  $1 == "source" { $3 = address($3) }
  $1 == "closewait" { $4 = address($4) }
  { print }
  END { print "omitted " omitted["inbound"] + 0, omitted["outbound"] + 0, omitted["source"] + 0, omitted["closewait"] + 0 }'
