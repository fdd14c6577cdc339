# What socket-table.pl does, for hosts with neither perl nor python3: from /proc/net/tcp, and where that cannot be read, or
# has too many sockets for a second look, from ss. Prints the frames. `ss` is 1 where there is one; `looks` are made at the
# accept queues, one a second.
function begin(name) { print "\n" boundary " begin " sample " " name }
function end(name, status) { print "\n" boundary " end " sample " " name " " status }
function refuse(why, status) {
  begin("sockets"); print why; end("sockets", status)
  refused = 1
  exit
}
function number(text,   i, n) {
  for (i = 1; i < length(text); i += 2) n = n * 256 + hex[substr(text, i, 2)]
  return n + 0
}

# One look at the listeners through ss: those that have something queued, and the first of them as they are printed.
function ask_ss(look,   first) {
  split("", heard)
  rows = 0
  while ((LISTENING | getline line) > 0) {
    split(line, word, " ")
    if (word[1] == "State" || word[1] == "Recv-Q" || word[1] == "Netid") { head = line; continue }
    if (rows++ < 200) row[rows] = line
    first = word[1] == "LISTEN" ? 2 : 1
    if (word[first] word[first + 1] ~ /[^0-9]/ || word[first + 3] == "") {
      if (looks && !bad++) print line
      continue
    }
    heard[port_of(word[first + 2])] = 1
    if (word[first] > 0) queued(word[first + 1] " " word[first + 2], look ":" word[first])
  }
  failed = close(LISTENING) != 0
}
# The next listener of the first lines of /proc/net/tcp is `line`, its words are `word`.
function next_of_proc(table) {
  while ((getline line < table) > 0) {
    split(line, word, " ")
    if (word[4] == "0A") return 1
    if (word[1] != "sl") break
  }
  close(table)
  return 0
}

function queued(at, seen) { if (at in queues || many_queues++ < 40) queues[at] = queues[at] " " seen }
function accept_queues(   look, t, at, waiting) {
  begin("accept-queues")
  print ss ? "via ss" : "via proc " machine
  for (look = 0; look < looks; look++) {
    # The last look shows the listeners of this sample, too.
    system("exec sleep 1")
    if (ss) {
      ask_ss(look)
      if (failed && !bad++) print "ss failed"
    }
    else for (t = 1; t <= tables; t++) while (next_of_proc(table[t])) {
      waiting = number(substr(word[5], 10))
      if (waiting > 0) queued("- " word[2], look ":" waiting)
    }
  }
  for (at in queues) print "queue " at queues[at]
  print "looks " looks
  if (!ss && !tables) print net "/tcp"
  end("accept-queues", ss || tables ? 0 : 4)
}
function listeners(   t, i, port) {
  begin("listeners")
  print ss ? "via ss" : "via proc " machine
  if (ss) {
    if (!looks) ask_ss()
    if (!rows) print head
    for (i = 1; i <= rows && i <= 200; i++) print row[i]
    for (port in heard) listens[by_ss ? port : sprintf(":%04X", port)] = 1
  }
  # The kernel walks its whole table to end /proc/net/tcp6: it is not read for what ss has said.
  if (!ss || (failed && !by_ss)) for (t = 1; t <= tables; t++) while (next_of_proc(table[t])) {
    listens[substr(word[2], length(word[2]) - 4)] = 1
    if (!ss && rows++ < 200) print line
  }
  print "omitted " (rows > 200 ? rows - 200 : 0)
  if (!ss && !tables) print net "/tcp"
  end("listeners", ss ? failed : tables ? 0 : 4)
}
# A port has five characters: a colon and hexadecimal digits, or blanks and the decimal digits of ss.
function decimal(port) { return port ~ /^:/ ? number(substr(port, 2)) : port + 0 }
function listening(port, inode) {
  listens[port] = 1
  states["0A"]++
  if (inodes++ < 100) inode_listen[inodes] = decimal(port) " " inode
}
# A seat is a local address and port. Ports compare as text.
function class_of(seat,   port, source) {
  port = substr(seat, length(seat) - 4)
  if (port in listens) return class[seat] = "L"
  if (port < lowest || port > highest) return class[seat] = "x"
  source = substr(seat, 1, length(seat) - 5)
  distinct[source]++
  if (!index("13579BDF", substr(port, 5))) return class[seat] = "e"
  odds[source]++
  return class[seat] = "o"
}

BEGIN {
  boundary = ENVIRON["BOUNDARY"]; sample = ENVIRON["SAMPLE"]; machine = ENVIRON["MACHINE"]
  net = ENVIRON["PROC_NET"] == "" ? "/proc/net" : ENVIRON["PROC_NET"]
  big_endian = machine ~ /^(s390x?|ppc|ppc64|sparc.*|mips|mips64|m68k|parisc.*)$/
  MAPPED = "0000000000000000" (big_endian ? "0000FFFF" : "FFFF0000")
  shortest = "G"
  LISTENING = "exec ss -tn state listening 2>/dev/null"
  for (i = 0; i < 256; i++) hex[sprintf("%02X", i)] = i
  if ((getline line < (net "/tcp")) > 0) tables = six ? 2 : 1
  close(net "/tcp")
  table[1] = net "/tcp"; table[2] = net "/tcp6"
  if (looks) accept_queues()

  for (t = 0; t < 2; t++) while ((getline line < (net "/sockstat" (t ? "6" : ""))) > 0) {
    if (line ~ /^TCP6?: /) { split(line, word, " "); sockets += word[3] + word[7] }
  }
  coverage = sample == 2 && sockets > 20000 ? "transient" : "all"
  by_ss = !tables || coverage != "all"
  getline line < "/proc/sys/net/ipv4/ip_local_port_range"
  split(line, word, " ")
  lowest = sprintf(by_ss ? "%5d" : ":%04X", word[1]); highest = sprintf(by_ss ? "%5d" : ":%04X", word[2])
  listeners()
  if (sockets > 1000000) refuse(sockets " sockets, more than 1000000", 5)
  if (!ss && !tables) refuse(net "/tcp", 4)
  if (by_ss && !ss) refuse(sockets " sockets, too many to read twice without perl, python3 or ss", 5)
  begin("sockets")
  print "coverage " coverage
  if (by_ss) { from_ss(); exit }
  for (t = 1; t <= tables; t++) ARGV[t] = table[t]
  ARGC = tables + 1
}

# A row of /proc/net/tcp, by its columns counted from the first colon: to split it into words costs more than all the rest.
{
  i = index($0, ":")
  if (width == 8) {
    seat = substr($0, i + 2, 13)
    key = substr($0, i + 2, 8) substr($0, i + 16, 16)
    st = substr($0, i + 30, 2)
  }
  else long_row()
  c = class[seat]
  if (c == "") {
    if (FNR == 1) { head_of_proc(); next }
    if (st == "0A") listens[substr(seat, length(seat) - 4)] = 1
    c = class_of(seat)
  }
  tally()
  if (st == "06") timed(substr($0, i + at_left, 8))
  else if (st == "01") { if (substr($0, i + at_timer, 2) == "02") kept[key]++ }
  else if (st == "0A") listening(substr(seat, length(seat) - 4), $10)
  else rarer(substr($0, i + at_timer, 2) == "03", substr($0, i + at_resent, 8) != "00000000", $10, substr($0, i + at_unread, 8) != "00000000", address(substr(key, length(key) - width - 7, width)), substr(key, length(key) - 7, 5))
}
function head_of_proc() {
  if ($0 !~ /^ *sl +local_address +rem(ote)?_address +st +tx_queue +rx_queue +tr +tm->when +retrnsmt +uid +timeout +inode *$/) print "unreadable " $0
  delete class[seat]
  width = $3 == "rem_address" ? 8 : 32
  at_unread = 2 * width + 26; at_timer = 2 * width + 35; at_left = 2 * width + 38; at_resent = 2 * width + 47
}
# Of IPv6, whose v4-mapped addresses are the IPv4 addresses they hold.
function long_row() {
  st = substr($0, i + 78, 2)
  if (substr($0, i + 2, 24) == MAPPED && substr($0, i + 40, 24) == MAPPED) {
    seat = substr($0, i + 26, 13)
    key = substr($0, i + 26, 8) substr($0, i + 64, 16)
    return
  }
  seat = substr($0, i + 2, 37)
  key = substr($0, i + 2, 32) substr($0, i + 40, 40)
}

# Counts the socket of `seat`, `key`, class `c` and state `st`. A key is: the local address, the remote one with its port, a
# blank, the state; addresses are written out in the end.
function tally() {
  if (c == "e") { if (!even[key]++ && ++kinds > 50000) { delete even[key]; uncount() } }
  else if (c == "o") { if (!odd[key]++ && ++kinds > 50000) { delete odd[key]; uncount() } }
  else if (c == "x") { if (!outside[key]++ && ++kinds > 50000) { delete outside[key]; uncount() } }
  else if (st != "0A") inbound[substr(seat, length(seat) - 4) " " st]++
}
function uncount() { key = "-"; uncounted++; states[st]++ }
# The timer of TIME_WAIT in hundredths of a second, as eight hexadecimal digits: those compare as text.
function timed(left) {
  if (left > longest) longest = left
  if (left < shortest) shortest = left
  if (left > "00001388") young[key]++
  else if (left < "000003E8") old[key]++
}
function rarer(mini, again, inode, waiting, peer, peer_port,   group) {
  if (st == "02") { if (again) resent[key]++ }
  else if (st == "05") { if (mini) minis++; else if (inode == 0) orphans++; else held++ }
  else if (st == "08") {
    if (inode != 0 && closings++ < 100) inode_closing[closings] = inode
    group = c == "L" ? decimal(substr(seat, length(seat) - 4)) " " peer " -" : "- " peer " " decimal(peer_port)
    if (!closing[group]++ && ++groups > 50000) { delete closing[group]; unlisted++; return }
    if (waiting) unread[group]++
    if (inode == 0) unaccepted[group]++
  }
}
function word_of(text) {
  return big_endian ? text : substr(text, 7, 2) substr(text, 5, 2) substr(text, 3, 2) substr(text, 1, 2)
}
function address(text,   i, out, part) {
  if (text in address_of) return address_of[text]
  if (text ~ /[.:]/ || (length(text) != 8 && length(text) != 32)) return text
  for (i = 1; i <= length(text); i += 8) {
    part = word_of(substr(text, i, 8))
    if (length(text) == 8) out = hex[substr(part, 1, 2)] "." hex[substr(part, 3, 2)] "." hex[substr(part, 5, 2)] "." hex[substr(part, 7, 2)]
    else out = out (i > 1 ? ":" : "") tolower(substr(part, 1, 4)) ":" tolower(substr(part, 5, 4))
  }
  return address_of[text] = out
}

function from_ss(   name, code, n, command, bad, port, inode, timer, part, left, again) {
  n = split("ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING", name, " ")
  for (i = 1; i <= n; i++) code[name[i]] = sprintf("%02X", i)
  command = "exec ss -tanoe state " (coverage == "all" ? "all" : "listening state syn-sent state syn-recv state fin-wait-1 state fin-wait-2 state close-wait state last-ack state closing") " 2>/dev/null"
  while ((command | getline) > 0) {
    if ($1 == "State" || $1 == "Netid" || $1 == "Recv-Q") continue
    if (!($1 in code) || NF < 5 || $2 $3 ~ /[^0-9]/) { if (!bad++) print "unreadable " $0; continue }
    st = code[$1]
    inode = match($0, /ino:[0-9]+/) ? substr($0, RSTART + 4, RLENGTH - 4) : 0
    port = port_of($4)
    if (st == "0A") { listening(port, inode); continue }
    timer = ""; again = 0; left = 0
    if (match($0, /timer:\([^)]*\)/)) {
      split(substr($0, RSTART + 7, RLENGTH - 8), part, ",")
      timer = part[1]; left = centiseconds(part[2]); again = part[3] > 0
    }
    seat = host_of($4) port
    c = class[seat]
    if (c == "") c = class_of(seat)
    key = host_of($4) " " host_of($5) " " port_of($5) " " st
    tally()
    if (st == "06") timed(sprintf("%08X", left))
    else if (st != "01") rarer(timer == "timewait", again, inode, $2 > 0, host_of($5), port_of($5))
    else if (timer == "keepalive") kept[key]++
  }
  if (close(command) != 0 && !bad) print "unreadable ss failed"
}
function host_of(text) {
  sub(/:[^:]*$/, "", text)
  gsub(/[][]/, "", text)
  sub(/%.*/, "", text)
  sub(/^::ffff:/, "", text)
  return text
}
function port_of(text) { sub(/.*:/, "", text); return substr("    " text, length(text)) }
# 1min3sec, 59sec, 560ms, and 4.560ms, by which ss means 4.560 s.
function centiseconds(text,   sum) {
  if (match(text, /[0-9]+min/)) sum = 6000 * substr(text, RSTART, RLENGTH - 3)
  if (match(text, /[0-9]+sec/)) sum += 100 * substr(text, RSTART, RLENGTH - 3)
  if (match(text, /[0-9]+\.[0-9]+ms/)) sum += 100 * substr(text, RSTART, RLENGTH - 2)
  else if (match(text, /[0-9]+ms/)) sum += substr(text, RSTART, RLENGTH - 2) / 10
  return int(sum + 0.5)
}

# Puts the busiest `most` of `counts` into `chosen`, and their number into `chosen_count`; returns how many more there are.
function choose(counts, most,   key, n, i, rest) {
  chosen_count = 0
  for (key in counts) {
    n = counts[key]
    if (chosen_count == most) {
      rest++
      if (n < counts[chosen[most]] || (n == counts[chosen[most]] && key > chosen[most])) continue
      i = most
    }
    else i = ++chosen_count
    for (; i > 1 && (n > counts[chosen[i - 1]] || (n == counts[chosen[i - 1]] && key < chosen[i - 1])); i--) chosen[i] = chosen[i - 1]
    chosen[i] = key
  }
  return rest + 0
}
function source_of(tuple) { return index(tuple, " ") ? substr(tuple, 1, index(tuple, " ") - 1) : substr(tuple, 1, (length(tuple) - 5) / 2) }
function ends_of(tuple,   half, part) {
  if (split(tuple, part, " ") == 3) return part[1] " " part[2] " " part[3] + 0
  half = (length(tuple) - 5) / 2
  return address(substr(tuple, 1, half)) " " address(substr(tuple, half + 1, half)) " " decimal(substr(tuple, 2 * half + 1))
}
function add_up(counts,   key, n) {
  for (key in counts) {
    n = counts[key]
    states[substr(key, length(key) - 1)] += n
    total[substr(key, 1, length(key) - 3)] += n
  }
}
function at(counts, key) { return key in counts ? counts[key] : 0 }
# The numbers in these states, a blank before each.
function in_states(tuple, names,   i, n, name, text) {
  n = split(names, name, " ")
  for (i = 1; i <= n; i++) text = text " " at(inbound, tuple " " name[i]) + at(even, tuple " " name[i]) + at(odd, tuple " " name[i]) + at(outside, tuple " " name[i])
  return text
}
function in_all(counts, tuple,   st, n) {
  for (st in states) n += at(counts, tuple " " st)
  return n + 0
}

END {
  if (refused) exit
  add_up(inbound)
  omitted = choose(total, 40)
  for (i = 1; i <= chosen_count; i++) print "inbound " total[chosen[i]], decimal(chosen[i]) in_states(chosen[i], "01 06 03 08 05")
  for (key in total) delete total[key]

  add_up(even); add_up(odd); add_up(outside)
  omitted = omitted " " choose(total, 40)
  for (i = 1; i <= chosen_count; i++) {
    t = chosen[i]
    n = in_all(odd, t)
    print "outbound " total[t], ends_of(t), in_all(even, t) + n, n in_states(t, "01"), kept[t " 01"] + 0 in_states(t, "06"), young[t " 06"] + 0, old[t " 06"] + 0 in_states(t, "02"), resent[t " 02"] + 0 in_states(t, "08")
  }

  for (t in total) from[source_of(t)] += total[t]
  omitted = omitted " " choose(from, 20)
  for (i = 1; i <= chosen_count; i++) print "source " from[chosen[i]], address(chosen[i]), distinct[chosen[i]] + 0, odds[chosen[i]] + 0

  omitted = omitted " " choose(closing, 20) + unlisted
  for (i = 1; i <= chosen_count; i++) print "closewait " closing[chosen[i]], chosen[i], unread[chosen[i]] + 0, unaccepted[chosen[i]] + 0

  print "finwait2 " minis + 0, orphans + 0, held + 0
  for (i = 1; i <= 100 && i in inode_listen; i++) print "inode listen " inode_listen[i]
  for (i = 1; i <= 100 && i in inode_closing; i++) print "inode close-wait - " inode_closing[i]
  for (port in listens) print "listening " decimal(port)
  for (st in states) print "state " st, states[st]
  if (longest != "") print "timer " number(shortest), number(longest)
  print "uncounted " uncounted + 0
  print "omitted " omitted
  end("sockets", 0)
}
