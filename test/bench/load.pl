#!/usr/bin/perl
# Fills a network namespace with sockets, fast, with what every Debian has.
#   load.pl time-wait N ADDRESS       N connections opened and closed, the client first
#   load.pl established N ADDRESS     N sockets (N/2 connections) held by processes of at most 9,000 descriptors
# Prints `ready` when done; `established` then holds them until its stdin closes, 300 s at most.
use strict;
use warnings;
use Socket;

my ($kind, $count, $address) = @ARGV;
my $base = 7000;
my @children;
$SIG{ALRM} = sub { exit 1 };
alarm 300;

sub listener {
  my ($port) = @_;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($s, sockaddr_in($port, inet_aton($address))) or die "bind $port: $!";
  listen($s, 4096) or die "listen: $!";
  return $s;
}

sub dial {
  my ($port) = @_;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  connect($s, sockaddr_in($port, inet_aton($address))) or return;
  return $s;
}

# One process accepts, one dials; each pair has a destination port of its own, so that local ports do not run out.
sub pair {
  my ($port, $n, $hold) = @_;
  my $listener = listener($port);
  pipe(my $done, my $tell) or die "pipe: $!";
  pipe(my $wait, my $release) or die "pipe: $!";
  my @kept;
  my $server = fork // die "fork: $!";
  if (!$server) {
    alarm 300;
    close $release; close $done;
    for (1 .. $n) { accept(my $c, $listener) or last; if ($hold) { push @kept, $c } else { sysread $c, my $b, 1 } }
    close $tell;
    sysread $wait, my $b, 1 if $hold;
    exit 0;
  }
  my $client = fork // die "fork: $!";
  if (!$client) {
    alarm 300;
    close $release; close $done;
    for (1 .. $n) { my $c = dial($port) or last; push @kept, $c if $hold }
    close $tell;
    sysread $wait, my $b, 1 if $hold;
    exit 0;
  }
  push @children, $server, $client;
  close $tell; close $wait; close $listener;
  return ($done, $release);
}

my $each = $kind eq 'established' ? 9000 : 25000;
my $connections = $kind eq 'established' ? $count / 2 : $count;
my (@done, @release);
for (my ($left, $port) = ($connections, $base); $left > 0; $left -= $each, $port++) {
  my ($done, $release) = pair($port, $left < $each ? $left : $each, $kind eq 'established');
  sysread $done, my $b, 1;
  push @release, $release;
}
$| = 1;
print "ready\n";
if ($kind eq 'established') { sysread STDIN, my $b, 1 }
@release = ();
waitpid $_, 0 for @children;
