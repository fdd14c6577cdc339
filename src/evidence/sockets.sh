# The TCP socket table. A reader counts sockets by what matters about each and prints one row for each kind, so that the
# table itself goes nowhere; one awk then adds the rows up. Readers, the cheapest first: the kernel's sock_diag dump
# read by perl, where there is perl; /proc/net/tcp; ss. For the second look at a large table, established and TIME_WAIT
# sockets are left out by the kernel.
proc_net=${PROC_NET:-/proc/net}
# shellcheck disable=SC2046
set -- $(awk '
  BEGIN { getline range < "/proc/sys/net/ipv4/ip_local_port_range"; split(range, port, " ") }
  $1 == "TCP:" { n = $3; tw = $7 }
  $1 == "TCP6:" { six = $3 }
  END { print n + six + tw, six + 0, tw + 0, port[1], port[2] }' "$proc_net"/sockstat*)
sockets=$1 six=$2 time_wait=$3 low=${4:-1} high=${5:-0}
if [ "$sockets" -gt 1000000 ]; then
  echo "$sockets sockets, more than 1000000"
  exit 5
fi

coverage=all
[ "${SAMPLE:-1}" = 2 ] && [ "$sockets" -gt 20000 ] && coverage=transient
# A row is: row COUNT STATE CLASS PORT SOURCE TARGET TARGET-PORT FLAG. State is the kernel's number in hexadecimal. Class
# is L where the local port has a listener (then PORT is that port, and only CLOSE_WAIT names its peer), e and o for an
# even and an odd port in ip_local_port_range, x for one outside, u past 50,000 kinds. The flag depends on the state:
# TIME_WAIT y more than 50 s left, o less than 10 s; ESTABLISHED k keepalive timer; SYN_SENT r sent again; FIN_WAIT_2
# m mini-socket, o orphan, h held; CLOSE_WAIT u unread bytes, a not accepted, b both. A reader may give flags apart:
# flag COUNT STATE-FLAG SOURCE TARGET TARGET-PORT.

# sock_diag(7): inet_diag_msg is 72 bytes: family, state, timer, retrans, ports, addresses, ..., expires in ms, queues,
# uid, inode. Messages of one state are nearly always alike, so a whole buffer of them is unpacked at once.
from_diag() {
  [ $coverage = all ] && mask=4095 || mask=4028
  exec perl -e '
    use strict;
    my ($states, $low, $high, $six, $time_wait) = @ARGV;
    my (%count, %class, %listens, %seen, $kinds, $listeners, $closing);
    my ($longest, $shortest) = (0, 1e9);
    sub messages {
      my ($family, $mask, $take) = @_;
      my $buffer = "";
      socket(my $diag, 16, 3, 4) or die;
      syswrite($diag, pack("L S S L L C C C C L x48", 72, 20, 0x301, 1, 0, $family, 6, 0, 0, $mask)) or die;
      # A dump comes in messages of at most 32 KiB.
      while (sysread($diag, $buffer, 32768)) {
        my ($length, $type) = unpack("L S", $buffer);
        return if $type == 3;
        die if $type == 2;
        return if $take->($buffer, $length);
      }
      die;
    }
    sub each_message {
      my ($take) = @_;
      return sub {
        my ($buffer) = @_;
        my $end = length $buffer;
        $buffer .= "\0" x 96;
        for (my $at = 0; $at < $end;) {
          my ($length, $type, @fields) = unpack("x$at L S x11 C C C a2 a34 x12 L L x8 L", $buffer);
          return 1 if $type == 3;
          $take->(@fields);
          $at += ($length + 3) & ~3;
        }
        return 0;
      };
    }
    sub class_of {
      my $port = unpack("n", $_[0]);
      return $class{$_[0]} = exists $listens{$_[0]} ? "L $port" : ($port < $low || $port > $high ? "x" : $port % 2 ? "o" : "e") . " -";
    }
    sub count {
      my ($key) = @_;
      if (!exists $count{$key} && ++$kinds > 50000) { $key = substr($key, 0, 2) . " u - - - - -" }
      $count{$key}++;
    }
    sub listening {
      my ($state, $timer, $resent, $port, $tuple, $left, $unread, $inode) = @_;
      $listens{$port} = 1;
      $port = unpack("n", $port);
      $count{"0A x - - - - -"}++;
      print "listening $port\n";
      print "inode listen $port $inode\n" if $listeners++ < 100;
    }
    sub any {
      my ($state, $timer, $resent, $port, $tuple, $left, $unread, $inode) = @_;
      my $flag = $state == 1 ? ($timer == 2 ? "k" : "-") : $state == 2 ? ($resent ? "r" : "-")
        : $state == 5 ? ($timer == 3 ? "m" : $inode ? "h" : "o") : $state == 8 ? ($inode ? ($unread ? "u" : "-") : $unread ? "b" : "a") : "-";
      print "inode close-wait - $inode\n" if $state == 8 && $inode && $closing++ < 100;
      my $class = $class{$port} || class_of($port);
      my $key = sprintf("%02X", $state) . " $class ";
      if (substr($class, 0, 1) ne "L") { count($key . named($tuple) . " $flag"); vec($seen{substr($tuple, 2, 16)}, unpack("n", $port), 1) = $class =~ /^[eo]/ ? 1 : 0 }
      elsif ($state == 8) { count($key . "- " . address(substr($tuple, 18)) . " - $flag") }
      else { count("$key- - - $flag") }
    }
    # The bulk, TIME_WAIT and ESTABLISHED: for each tuple its ports are strung together, two bytes each, and looked at
    # once at the end.
    my ($bulk, $seen_time_wait, %in, %ports, %flags);
    sub many_alike {
      my ($buffer, $length) = @_;
      return each_message(\&any)->($buffer) if length($buffer) % $length || grep $_ != $length, unpack("(L x" . ($length - 4) . ")*", $buffer);
      my @fields = unpack("(x18 C x a2 a34 x12 L x" . ($length - 72) . ")*", $buffer);
      my ($in, $ports, $flags) = ($in{$bulk} ||= {}, $ports{$bulk} ||= {}, $flags{$bulk} ||= {});
      for (my $i = 0; $i < @fields; $i += 4) {
        my $left = $fields[$i + 3];
        if ($bulk == 6) {
          $seen_time_wait++;
          $longest = $left if $left > $longest;
          $shortest = $left if $left < $shortest;
        }
        if (exists $listens{$fields[$i + 1]}) { $in->{$fields[$i + 1]}++; next }
        $ports->{$fields[$i + 2]} .= $fields[$i + 1];
        if ($bulk == 1) { $flags->{k}{$fields[$i + 2]}++ if $fields[$i] == 2 }
        elsif ($left > 50000) { $flags->{y}{$fields[$i + 2]}++ }
        elsif ($left < 10000) { $flags->{o}{$fields[$i + 2]}++ }
      }
      return 0;
    }
    sub address {
      my ($bytes) = @_;
      my @words = unpack("n8", $bytes);
      return join ".", unpack("C4", $bytes) if !grep $_, @words[2 .. 7];
      return join ".", unpack("x12 C4", $bytes) if $words[5] == 0xffff && !grep $_, @words[0 .. 4];
      return join ":", map { sprintf "%x", $_ } @words;
    }
    my %names;
    sub named { $names{$_[0]} ||= address(substr($_[0], 2, 16)) . " " . address(substr($_[0], 18)) . " " . unpack("n", $_[0]) }
    eval {
      messages($_, 1 << 10, each_message(\&listening)) for 2, 10;
      # Every dump walks the whole hash table. Without an IPv6 socket in use, and all TIME_WAIT seen, there is no more.
      my @families = $six ? (2, 10) : 2;
      messages($_, $states & ~(1 << 10 | 1 << 6 | 1 << 1), each_message(\&any)) for @families;
      $bulk = 1;
      if ($states & 1 << 1) { messages($_, 1 << 1, \&many_alike) for @families }
      $bulk = 6;
      if ($states & 1 << 6 && $time_wait) {
        messages(2, 1 << 6, \&many_alike);
        messages(10, 1 << 6, \&many_alike) if $six || $seen_time_wait < $time_wait;
      }
      1;
    } or exit 1;
    for my $state (keys %ports) {
      print "row $in{$state}{$_} 0$state L ", unpack("n", $_), " - - - -\n" for keys %{$in{$state}};
      for my $tuple (keys %{$ports{$state}}) {
        my @ports = unpack("n*", $ports{$state}{$tuple});
        if (++$kinds > 50000) { print "row ", scalar(@ports), " 0$state u - - - - -\n"; next }
        my $outside = grep { $_ < $low || $_ > $high } @ports;
        my %of = (x => $outside);
        if ($outside) { @ports = grep { $_ >= $low && $_ <= $high } @ports }
        $of{o} = grep { $_ & 1 } @ports;
        $of{e} = @ports - $of{o};
        # The flag is counted apart from the class; both add up to the same sockets.
        $of{$_} and print "row $of{$_} 0$state $_ - ", named($tuple), " -\n" for keys %of;
        for my $flag (keys %{$flags{$state}}) {
          my $flagged = $flags{$state}{$flag}{$tuple} or next;
          print "flag $flagged 0$state$flag ", named($tuple), "\n";
        }
        my $source = substr($tuple, 2, 16);
        $seen{$source} ||= "";
        vec($seen{$source}, $_, 1) = 1 for @ports;
      }
    }
    print "row $count{$_} $_\n" for keys %count;
    # One bit a port; the odd ones are the high bit of each pair.
    for (keys %seen) {
      my $odd = $seen{$_} & ("\xaa" x length $seen{$_});
      print "ports ", address($_), " ", unpack("%32b*", $seen{$_}), " ", unpack("%32b*", $odd), "\n";
    }
    print "timer ", int($shortest / 10), " ", int($longest / 10), "\n" if $shortest < 1e9;
  ' "$mask" "$low" "$high" "$six" "$time_wait"
}

# What the two awk readers share: `count` files one socket under its kind.
counting='
  function class_of(port) {
    return class[port] = (port in listens) ? "L " port : (port < low || port > high ? "x" : port % 2 ? "o" : "e") " -"
  }
  function listening(port, inode) {
    if (!(port in listens)) print "listening " port
    listens[port] = 1
    kinds["0A x - - - - -"]++
    if (listeners++ < 100) print "inode listen " port " " inode
  }
  function count(port, source, target, rest,   kind, c) {
    c = (port in class) ? class[port] : class_of(port)
    if (st == "06") {
      if (!timers++ || left < shortest) shortest = left
      if (left > longest) longest = left
    }
    if (st == "08" && inode != 0 && closing++ < 100) print "inode close-wait - " inode
    if (c ~ /^L/) kind = st " " c " - " (st == "08" ? target : "-") " - " flag
    else {
      kind = st " " c " " source " " target " " rest " " flag
      if (c !~ /^x/) seen[source " " port] = c
      else if (!(source in outside)) outside[source] = 1
    }
    if (!(kind in kinds) && ++many > 50000) kind = st " u - - - - -"
    kinds[kind]++
  }
  END {
    for (k in kinds) print "row " kinds[k] " " k
    for (s in seen) { split(s, part, " "); outside[part[1]] = 1; distinct[part[1]]++; if (seen[s] ~ /^o/) odd[part[1]]++ }
    for (s in outside) print "ports " s, distinct[s] + 0, odd[s] + 0
    if (timers) print "timer " shortest, longest
  }'

from_proc() {
  set -- "$proc_net/tcp"
  [ -r "$proc_net/tcp6" ] && set -- "$1" "$proc_net/tcp6"
  awk -v low="$low" -v high="$high" "$counting"'
    BEGIN {
      for (i = 0; i < 256; i++) hex[sprintf("%02X", i)] = i
      for (i = 1; i < ARGC; i++) listeners_of(ARGV[i])
    }
    # Listeners come first in each file; both files are asked before the first row is counted.
    function listeners_of(file,   line, field) {
      while ((getline line < file) > 0) {
        split(line, field, " ")
        if (field[4] == "0A") listening(number(substr(field[2], length(field[2]) - 3)), field[10])
        else if (field[1] != "sl") break
      }
      close(file)
    }
    function number(text) { return hex[substr(text, 1, 2)] * 256 + hex[substr(text, 3, 2)] }
    function port_of(end) { return ports[end] = number(end) }
    # A v4-mapped address shares the tuple space of the IPv4 address it holds.
    function address(text) { return substr(text, 1, 24) == "0000000000000000FFFF0000" ? substr(text, 25) : text }
    $1 == "sl" || $4 == "0A" { next }
    {
      st = $4
      at = length($2)
      end = substr($2, at - 3)
      port = (end in ports) ? ports[end] : port_of(end)
      far = substr($3, at - 3)
      rest = (far in ports) ? ports[far] : port_of(far)
      flag = "-"
      if (st == "06") {
        left = number(substr($6, 8)) + 65536 * number(substr($6, 4, 4))
        flag = left > 5000 ? "y" : left < 1000 ? "o" : "-"
      } else {
        timer = substr($6, 1, 2); inode = $10
        if (st == "01") { if (timer == "02") flag = "k" }
        else if (st == "02") { if ($7 != "00000000") flag = "r" }
        else if (st == "05") flag = timer == "03" ? "m" : inode == 0 ? "o" : "h"
        else if (st == "08") { unread = substr($5, 10) != "00000000"; flag = inode == 0 ? (unread ? "b" : "a") : unread ? "u" : "-" }
      }
      if (at == 13) count(port, substr($2, 1, 8), substr($3, 1, 8), rest)
      else count(port, address(substr($2, 1, at - 5)), address(substr($3, 1, at - 5)), rest)
    }' "$@"
}

from_ss() {
  set -- state all
  [ $coverage = transient ] && set -- state listening state syn-sent state syn-recv state fin-wait-1 state fin-wait-2 state close-wait state last-ack state closing
  { ss -tanoe "$@" 2>/dev/null || echo 'ss failed'; } | awk -v low="$low" -v high="$high" "$counting"'
    BEGIN {
      n = split("ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING", name, " ")
      for (i = 1; i <= n; i++) code[name[i]] = sprintf("%02X", i)
    }
    function address(text) {
      sub(/:[^:]*$/, "", text)
      gsub(/[][]/, "", text)
      sub(/%.*/, "", text)
      sub(/^::ffff:/, "", text)
      return text
    }
    function port_of(text) { sub(/.*:/, "", text); return text + 0 }
    # 1min3sec, 59sec, 560ms, and 4.560ms, by which ss means 4.560 s.
    function centiseconds(text,   sum) {
      if (match(text, /[0-9]+min/)) sum = 6000 * substr(text, RSTART, RLENGTH - 3)
      if (match(text, /[0-9]+sec/)) sum += 100 * substr(text, RSTART, RLENGTH - 3)
      if (match(text, /[0-9]+\.[0-9]+ms/)) sum += 100 * substr(text, RSTART, RLENGTH - 2)
      else if (match(text, /[0-9]+ms/)) sum += substr(text, RSTART, RLENGTH - 2) / 10
      return sum
    }
    $1 == "State" || $1 == "Netid" || $1 == "Recv-Q" { next }
    !($1 in code) || NF < 5 || $2 $3 ~ /[^0-9]/ { if (!bad++) print "unreadable " $0; next }
    {
      st = code[$1]
      inode = match($0, /ino:[0-9]+/) ? substr($0, RSTART + 4, RLENGTH - 4) : 0
      if (st == "0A") { listening(port_of($4), inode); next }
      timer = ""; resent = 0; left = 0; flag = "-"
      if (match($0, /timer:\([^)]*\)/)) {
        split(substr($0, RSTART + 7, RLENGTH - 8), part, ",")
        timer = part[1]; left = centiseconds(part[2]); resent = part[3] > 0
      }
      if (st == "06") flag = left > 5000 ? "y" : left < 1000 ? "o" : "-"
      else if (st == "01") { if (timer == "keepalive") flag = "k" }
      else if (st == "02") { if (resent) flag = "r" }
      else if (st == "05") flag = timer == "timewait" ? "m" : inode == 0 ? "o" : "h"
      else if (st == "08") flag = inode == 0 ? ($2 > 0 ? "b" : "a") : $2 > 0 ? "u" : "-"
      count(port_of($4), address($4), address($5), port_of($5))
    }'
}

# Rows added up: by state, by listening port, by source and destination.
add_up() {
  awk '
    NF == 0 { next }
    $1 != "row" && $1 != "ports" && $1 != "flag" { print; next }
    $1 == "flag" { of[$4 " " $5 " " $6, $3] += $2; next }
    $1 == "ports" { distinct[$2] = $3; odd_ports[$2] = $4; next }
    { n = $2; st = $3; class = $4; flag = $9; states[st] += n }
    st == "0A" { next }
    class == "u" { uncounted += n; next }
    st == "05" { if (flag == "m") minis += n; else if (flag == "o") orphans += n; else held += n }
    st == "08" {
      group = class == "L" ? $5 " " $7 " -" : "- " $7 " " $8
      closing[group] += n
      if (flag == "u" || flag == "b") unread[group] += n
      if (flag == "a" || flag == "b") unaccepted[group] += n
    }
    class == "L" { inbound[$5] += n; of[$5, st] += n; next }
    {
      key = $6 " " $7 " " $8
      total[key] += n
      of[key, st] += n
      sockets_of[$6] += n
      if (class != "x") in_range[key] += n
      if (class == "o") odd[key] += n
      if (flag != "-") of[key, st flag] += n
    }
    END {
      for (s in states) print "state " s " " states[s]
      for (p in inbound) print "inbound " inbound[p], p, of[p, "01"] + 0, of[p, "06"] + 0, of[p, "03"] + 0, of[p, "08"] + 0, of[p, "05"] + 0
      for (k in total) print "outbound " total[k], k, in_range[k] + 0, odd[k] + 0, of[k, "01"] + 0, of[k, "01k"] + 0, of[k, "06"] + 0, of[k, "06y"] + 0, of[k, "06o"] + 0, of[k, "02"] + 0, of[k, "02r"] + 0, of[k, "08"] + 0
      for (s in sockets_of) print "source " sockets_of[s], s, distinct[s] + 0, odd_ports[s] + 0
      for (g in closing) print "closewait " closing[g], g, unread[g] + 0, unaccepted[g] + 0
      print "finwait2 " minis + 0, orphans + 0, held + 0
      print "uncounted " uncounted + 0
    }'
}

# A reader that fails has not seen an empty table: the next one is asked, and what none could read is said.
rows=
if [ -z "$PROC_NET" ] && command -v perl >/dev/null 2>&1 && rows=$(from_diag 2>/dev/null); then
  reader=rows
elif [ $coverage = all ] && [ -r "$proc_net/tcp" ]; then
  reader=proc
elif command -v ss >/dev/null 2>&1; then
  reader=ss
elif [ -r "$proc_net/tcp" ]; then
  echo "$sockets sockets, too many to read twice without ss or perl"
  exit 5
else
  echo "$proc_net/tcp"
  exit 4
fi
from_rows() { printf '%s\n' "$rows"; }

order=little
# The other readers write addresses out themselves.
[ $reader = proc ] && case $(uname -m) in s390* | ppc | ppc64 | sparc* | mips | mips64 | m68k | parisc*) order=big ;; esac
echo "coverage $coverage"
# The busiest groups of each kind, addresses written out; the rest is counted.
from_$reader | add_up | sort -k1,1 -k2,2rn | awk -v order=$order '
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
