# The socket table through sock_diag(7), and looks at the accept queues, one a second. Prints the frames of accept-queues,
# where there are looks, listeners and sockets. Arguments: boundary, sample, looks, and the seconds it may take. It is not under
# `use strict`, since that takes a tenth of its time on an idle host; a test compiles it so.
my ($boundary, $sample, $looks, $seconds) = @ARGV;
my $most_groups = 50000;
alarm $seconds;
$| = 1;

sub frame {
  my ($name, $status, $text) = @_;
  print "\n$boundary begin $sample $name\n$text\n$boundary end $sample $name $status\n";
}

# A dump walks the kernel's whole table; the oldest request, TCPDIAG_GETSOCK, gives both families in one. Datagrams are of at
# most 32 KiB. In a message: length, type, family (at 16), state, timer, retransmissions, ports (20), addresses (24), expires
# in ms (68), receive and send queue, uid, inode (84); attributes follow.
sub dump_states {
  my ($states, $take) = @_;
  my ($datagram, $over);
  socket(my $diag, 16, 3, 4) or die;
  syswrite($diag, pack("L S S L L x52 L L", 76, 18, 0x301, 1, 0, $states, 0)) or die;
  while (!$over) {
    sysread($diag, $datagram, 65536) or die;
    my ($length, $type) = unpack("L S", $datagram);
    return if $type == 3;
    die if $type == 2;
    if (substr($datagram, -20, 6) eq pack("L S", 20, 3) && (unpack("(x4 S X6 L X4 /x)*", $datagram))[-1] == 3) {
      $over = substr($datagram, -20, 20, "");
    }
    $take->($datagram, $length);
  }
}

# An address is 4 or 16 bytes here; a v4-mapped one is the IPv4 address it holds.
my ($mapped, $rest) = ("\0" x 10 . "\xff\xff", "\0" x 12);
sub tuple_of {
  my ($port, $source, $target) = unpack("x2 a2 a16 a16", $_[0]);
  return $port . substr($source, 0, 4) . substr($target, 0, 4) if $_[1] == 2;
  return $port . substr($source, 12) . substr($target, 12) if substr($source, 0, 12) eq $mapped && substr($target, 0, 12) eq $mapped;
  return $port . $source . $target;
}
sub source_of { substr($_[0], 2, length($_[0]) / 2 - 1) }
sub target_of { substr($_[0], length($_[0]) / 2 + 1) }
sub address {
  my ($bytes) = @_;
  $bytes = substr($bytes, 12) if substr($bytes, 0, 12) eq $mapped;
  return length $bytes == 4 ? join(".", unpack("C4", $bytes)) : join(":", map { sprintf "%x", $_ } unpack("n8", $bytes));
}

# %of: sockets by state and flag, then by listening port (2 bytes) or tuple. %ports: a tuple's local ports, 2 bytes each.
my (@states, %listens, @listeners, @owned, %inbound, %of, %ports, %closing, %unread, %unaccepted);
my ($mini, $orphans, $held, $least, $most, $uncounted, $unlisted) = (0, 0, 0, 1e9, -1, 0, 0);

sub one {
  my ($family, $state, $timer, $resent, $id, $left, $waiting, $cap, $inode) = @_;
  my $port = substr($id, 0, 2);
  $states[$state]++;
  if ($state == 10) {
    $listens{$port} = 1;
    push @listeners, [@_];
    return;
  }
  my $tuple = tuple_of($id, $family);
  my $key = $tuple;
  if (exists $listens{$port}) { $inbound{$key = $port}++ }
  elsif (exists $ports{$key} || keys %ports < $most_groups) { $ports{$key} .= $port }
  else { $uncounted++; $key = "" }
  $of{$state}{$key}++ if $key ne "";
  if ($state == 1) { $of{k}{$key}++ if $timer == 2 }
  elsif ($state == 6) {
    $least = $left if $left < $least;
    $most = $left if $left > $most;
    $of{$left > 50000 ? "y" : "o"}{$key}++ if $left > 50000 || $left < 10000;
  }
  elsif ($state == 2) { $of{r}{$key}++ if $resent }
  elsif ($state == 5) { $timer == 3 ? $mini++ : $inode ? $held++ : $orphans++ }
  elsif ($state == 8) {
    push @owned, $inode if $inode && @owned < 100;
    my $group = ($key eq $port ? unpack("n", $port) . " " : "- ") . address(target_of($tuple)) . " " . ($key eq $port ? "-" : unpack("n", $tuple));
    if (!exists $closing{$group} && keys %closing >= $most_groups) { $unlisted++; return }
    $closing{$group}++;
    $unread{$group}++ if $waiting;
    $unaccepted{$group}++ if !$inode;
  }
}
sub each_message {
  my @fields = unpack("(x16 C C C C a36 x12 L L L x4 L X88 L X4 /x)*", $_[0]);
  while (@fields) { one(splice(@fields, 0, 9)) }
}

# The bulk, TIME_WAIT and ESTABLISHED, with as little as can be done for each: its local port is strung to its tuple.
sub bulk {
  my ($state) = @_;
  my (%in, %strung, %k, %y, %o, %heads, $port, $i);
  my $file = sub {
    $states[$state] += $in{$_}, $inbound{$_} += $in{$_}, $of{$state}{$_} += $in{$_} for keys %in;
    while (my ($id, $strung) = each %strung) {
      my $sockets = length($strung) / 2;
      $states[$state] += $sockets;
      # In an IPv4 message the kernel leaves the rest of both addresses at zero.
      my $key = tuple_of("  $id", substr($id, 6, 12) eq $rest && substr($id, 22) eq $rest ? 2 : 10);
      if (!exists $ports{$key} && keys %ports >= $most_groups) { $uncounted += $sockets; next }
      $ports{$key} .= $strung;
      $of{$state}{$key} += $sockets;
      $of{k}{$key} += $k{$id} if $k{$id};
      $of{y}{$key} += $y{$id} if $y{$id};
      $of{o}{$key} += $o{$id} if $o{$id};
    }
    %in = %strung = ();
  };
  dump_states(1 << $state, sub {
    my ($datagram, $length) = @_;
    if (keys(%strung) + keys(%ports) > $most_groups) {
      $file->() if %strung;
      return each_message($datagram);
    }
    # Where all are as long as the first, none has to be asked for its length.
    my ($mask, $pattern) = @{$heads{$length} ||= [map { ($_ . "\0" x ($length - 4)) x (65536 / $length) } "\xff" x 4, pack("L", $length)]};
    my $alike = ($datagram & $mask) eq substr($pattern, 0, length $datagram);
    my $tail = sub { $alike ? "x" . ($length - $_[0]) : "X$_[0] L X4 /x" };
    $i = 0;
    if ($state == 1) {
      my @timers = unpack("(x18 C " . $tail->(19) . ")*", $datagram);
      for my $id (unpack("(x20 a36 " . $tail->(56) . ")*", $datagram)) {
        $port = substr($id, 0, 2, "");
        if (exists $listens{$port}) { $in{$port}++ }
        else {
          $strung{$id} .= $port;
          $k{$id}++ if $timers[$i] == 2;
        }
        $i++;
      }
      return;
    }
    my @left = unpack("(x68 L " . $tail->(72) . ")*", $datagram);
    # Once a young and an old one have been met, the youngest and the oldest are among those.
    if ($most <= 50000 || $least >= 10000) {
      for my $left (@left) {
        $least = $left if $left < $least;
        $most = $left if $left > $most;
      }
    }
    for my $id (unpack("(x20 a36 " . $tail->(56) . ")*", $datagram)) {
      my $left = $left[$i++];
      $port = substr($id, 0, 2, "");
      if (exists $listens{$port}) { $in{$port}++ }
      else { $strung{$id} .= $port }
      if ($left > 50000) {
        $y{$id}++;
        $most = $left if $left > $most;
      }
      elsif ($left < 10000) {
        $o{$id}++;
        $least = $left if $left < $least;
      }
    }
  });
  $file->();
}

# The busiest, as [count, text], and how many more there are. The text is made for those alone.
sub busiest {
  my ($most, $count, $text) = @_;
  my @counts = sort { $b <=> $a } values %$count;
  my $omitted = @counts > $most ? @counts - $most : 0;
  my $least = $omitted ? $counts[$most - 1] : 0;
  my @keys = grep $count->{$_} > $least, keys %$count;
  push @keys, (sort { $a cmp $b } grep $count->{$_} == $least, keys %$count)[0 .. $most - 1 - @keys] if $omitted;
  my @rows = sort { $count->{$b->[0]} <=> $count->{$a->[0]} || $a->[1] cmp $b->[1] } map [$_, $text->($_)], @keys;
  return ($omitted, map "$count->{$_->[0]} $_->[1]", @rows);
}

sub endpoint {
  my ($family, $id) = @_;
  my $text = address(substr($id, 4, $family == 2 ? 4 : 16));
  return ($text =~ /:/ ? "[$text]" : $text) . ":" . unpack("n", $id);
}

sub accept_queues {
  my %queues;
  for my $look (0 .. $looks - 1) {
    dump_states(1 << 10, sub {
      my @fields = unpack("(x16 C x3 a36 x16 L L X80 L X4 /x)*", $_[0]);
      while (my ($family, $id, $waiting, $cap) = splice(@fields, 0, 4)) {
        next if !$waiting;
        my $queue = "$cap " . endpoint($family, $id);
        $queues{$queue} .= " $look:$waiting" if exists $queues{$queue} || keys %queues < 40;
      }
    });
    sleep 1;
  }
  frame("accept-queues", 0, join "\n", "via sock_diag", "looks $looks", map "queue $_$queues{$_}", keys %queues);
}

# Listening sockets come first in a dump, so that every other one can be told incoming or outgoing. Many sockets of one
# state are asked for by themselves.
sub table {
  my ($states, %in_use) = @_;
  # Linux before 4.0 leaves in the 12 bytes after an IPv4 address what was there.
  my ($release) = map /^(\d+)/, lines_of("/proc/sys/kernel/osrelease");
  my @bulk = grep { $release >= 4 && $states & 1 << $_ && $in_use{$_} > 2000 } 1, 6;
  my $first = $states;
  $first &= ~(1 << $_) for @bulk;
  dump_states($first, \&each_message);
  @listeners = sort { $a->[0] <=> $b->[0] } @listeners;
  bulk($_) for @bulk;
}

sub listeners {
  my @rows = map "$_->[6] $_->[7] " . endpoint(@$_[0, 4]), @listeners;
  my $omitted = @rows > 200 ? @rows - 200 : 0;
  frame("listeners", 0, join "\n", "via sock_diag", @rows[0 .. $#rows - $omitted], "omitted $omitted");
}

# For many, an array of all ports costs less than a hash.
sub distinct {
  my (@seen, %seen);
  if (@_ < 5000) { @seen{@_} = () }
  else { @seen[@_] = (1) x @_ }
  return @seen ? grep $seen[$_], 0 .. $#seen : keys %seen;
}

sub text_of_sockets {
  my ($coverage, $low, $high) = @_;
  my $counts = sub { my $key = shift; map $of{$_}{$key} || 0, @_ };
  my (%outbound, %sockets, %strung);
  while (my ($tuple, $ports) = each %ports) {
    $sockets{source_of($tuple)} += $outbound{$tuple} = length($ports) / 2;
    $strung{source_of($tuple)} .= $ports;
  }
  my ($inbound, @inbound) = busiest(40, \%inbound, sub { join " ", unpack("n", $_[0]), $counts->($_[0], 1, 6, 3, 8, 5) });
  my ($outbound, @outbound) = busiest(40, \%outbound, sub {
    my $ports = $ports{$_[0]};
    my @outside = grep $_ < $low || $_ > $high, unpack("n*", $ports);
    my $odd = ($ports & "\0\1" x $outbound{$_[0]}) =~ tr/\1//;
    join " ", address(source_of($_[0])), address(target_of($_[0])), unpack("n", $_[0]), $outbound{$_[0]} - @outside, $odd - grep($_ & 1, @outside),
      $counts->($_[0], 1, "k", 6, "y", "o", 2, "r", 8);
  });
  my ($sources, @sources) = busiest(20, \%sockets, sub {
    my @ports = grep $_ >= $low && $_ <= $high, distinct(unpack("n*", $strung{$_[0]}));
    join " ", address($_[0]), scalar(@ports), scalar(grep $_ & 1, @ports);
  });
  my ($closing, @closing) = busiest(20, \%closing, sub { join " ", $_[0], $unread{$_[0]} || 0, $unaccepted{$_[0]} || 0 });
  my %listening = map { unpack("n", $_->[4]) => 1 } @listeners;
  my @owned_listeners = @listeners > 100 ? @listeners[0 .. 99] : @listeners;
  return join "\n", "coverage $coverage",
    (map "closewait $_", @closing),
    "finwait2 $mini $orphans $held",
    (map "inbound $_", @inbound),
    (map "inode listen " . unpack("n", $_->[4]) . " $_->[8]", @owned_listeners),
    (map "inode close-wait - $_", @owned),
    (map "listening $_", sort { $a <=> $b } keys %listening),
    (map "outbound $_", @outbound),
    (map "source $_", @sources),
    (map sprintf("state %02X %d", $_, $states[$_]), grep $states[$_], 1 .. $#states),
    $most < 0 ? () : "timer " . int($least / 10) . " " . int($most / 10),
    "uncounted $uncounted",
    "omitted $inbound $outbound $sources " . ($closing + $unlisted);
}

sub lines_of {
  open(my $file, $_[0]) or return;
  return <$file>;
}

accept_queues() if $looks;
my %in_use = (1 => 0, 6 => 0);
for (map lines_of("/proc/net/$_"), "sockstat", "sockstat6") {
  $in_use{1} += $1 if /^TCP6?: inuse (\d+)/;
  $in_use{6} += $1 if / tw (\d+)/;
}
my $sockets = $in_use{1} + $in_use{6};
my $coverage = $sample == 2 && $sockets > 20000 ? "transient" : "all";
if ($sockets > 1000000) {
  dump_states(1 << 10, \&each_message);
  listeners();
  frame("sockets", 5, "$sockets sockets, more than 1000000");
}
else {
  table($coverage eq "all" ? 0xffe : 0xfbc, %in_use);
  listeners();
  frame("sockets", 0, text_of_sockets($coverage, map /\d+/g, lines_of("/proc/sys/net/ipv4/ip_local_port_range")));
}
