# What stands in for WireGuard while `fakevpc check` tries the ways between servers. Arguments: PORT NONCE SECONDS.
# It answers what has the nonce, from the port, and says on standard output what came: "card ID SIZE" at the network card, before any
# firewall of this server, and "port ID SIZE" behind it. Nothing else is answered. It ends with standard input.
use strict;
use warnings;
use Socket qw(:DEFAULT IN6ADDR_ANY pack_sockaddr_in6);
my ($port, $nonce, $seconds) = @ARGV;
$| = 1;
alarm $seconds;

# Both families; sockets that cannot be had are left out. A port in use is heard by a raw socket, which takes a copy.
my %at;
my $busy = '';
for my $family (AF_INET, AF_INET6) {
  my $address = $family == AF_INET ? sockaddr_in($port, INADDR_ANY) : pack_sockaddr_in6($port, IN6ADDR_ANY);
  socket(my $socket, $family, SOCK_DGRAM, 17) or next;
  setsockopt($socket, 41, 26, 1) if $family == AF_INET6; # IPV6_V6ONLY
  whole($socket, $family);
  if (bind($socket, $address)) { $at{fileno $socket} = [$socket, 'port']; next; }
  $busy = "$!";
  next if $family == AF_INET6;
  socket($socket, $family, SOCK_RAW, 17) or next;
  whole($socket, $family);
  $at{fileno $socket} = [$socket, 'raw'];
}
die "port $port: $busy\n" unless %at;

# Every frame that the card takes in, without its head: AF_PACKET, SOCK_DGRAM, all protocols.
if (socket(my $card, 17, SOCK_DGRAM, unpack('S', pack('n', 3)))) { $at{fileno $card} = [$card, 'card']; }
print 'ready', (grep { $_->[1] eq 'card' } values %at) ? ' card' : '', "\n";

while (1) {
  my $wanted = '';
  vec($wanted, $_, 1) = 1 for 0, keys %at;
  select(my $found = $wanted, undef, undef, undef) > 0 or next;
  if (vec($found, 0, 1)) { sysread(STDIN, my $ignored, 4096) or exit 0; }
  for my $number (grep { vec($found, $_, 1) } keys %at) {
    my ($socket, $kind) = @{$at{$number}};
    my $from = recv($socket, my $packet, 65535, 0);
    next unless defined $from;
    # The packet's text begins with the nonce; on the card it comes after the heads of IP and UDP.
    my $start = index $packet, "fakevpc $nonce ";
    next if $start < 0 || $kind eq 'port' && $start > 0 || substr($packet, $start) !~ /^fakevpc \S+ (\S+) (\d+) /;
    my ($id, $size) = ($1, $2);
    next if $kind ne 'port' && ($start < 8 || unpack('n', substr($packet, $start - 6, 2)) != $port);
    # The sender's own packets pass the card, too.
    next if $kind eq 'card' && unpack('C', substr($from, 10, 1)) == 4;
    print $kind eq 'card' ? 'card' : 'port', " $id $size\n";
    my $answer = substr $packet, $start;
    $answer =~ s/^fakevpc/FAKEVPC/;
    if ($kind eq 'port') { send $socket, $answer, 0, $from; }
    elsif ($kind eq 'raw') {
      my $sender = unpack 'n', substr($packet, $start - 8, 2);
      my (undef, $address) = sockaddr_in($from);
      send $socket, pack('nnnn', $port, $sender, 8 + length $answer, 0) . $answer, 0, sockaddr_in($sender, $address);
    }
  }
}

# Answers are not cut in two either, so that the largest packet is known both ways: IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PROBE.
sub whole {
  my ($socket, $family) = @_;
  $family == AF_INET ? setsockopt($socket, 0, 10, 3) : setsockopt($socket, 41, 23, 3);
}
