# One server tries the way to another, as WireGuard will: by UDP to its port, from any port of its own. Arguments: HOST PORT NONCE ID SIZES.
# Standard output: "answer ADDRESS FAMILY MILLISECONDS" or "silence ADDRESS FAMILY", then "size BYTES" for each size of IP packet that came back.
use strict;
use warnings;
use Socket qw(:DEFAULT getaddrinfo getnameinfo NI_NUMERICHOST NI_NUMERICSERV);
my ($host, $port, $nonce, $id, $sizes) = @ARGV;
$| = 1;
alarm 20;

my ($error, @found) = getaddrinfo($host, $port, {socktype => SOCK_DGRAM});
die "the name $host cannot be looked up: $error\n" if $error || !@found;
my ($family, $to) = @{$found[0]}{qw(family addr)};
my (undef, $address) = getnameinfo($to, NI_NUMERICHOST | NI_NUMERICSERV);
my $head = $family == AF_INET ? 28 : 48;
my $name = $family == AF_INET ? 4 : 6;
socket(my $socket, $family, SOCK_DGRAM, 17) or die "no UDP socket: $!\n";
$family == AF_INET ? setsockopt($socket, 0, 10, 3) : setsockopt($socket, 41, 23, 3);
connect($socket, $to) or die "no way to $address: $!\n";

# Three tries: a packet may be lost by chance.
my $took;
for my $wait (0.4, 0.6, 1) {
  send $socket, text(0), 0;
  my ($size, $left) = answer($wait);
  if (defined $size) { $took = $wait - $left; last; }
}
if (!defined $took) { print "silence $address $name\n"; exit 0; }
printf "answer %s %d %.2f\n", $address, $name, 1000 * $took;

# All sizes at once, twice; those too large for this server's own card fail at once.
my %passed;
for my $try (1, 2) {
  my @left = grep { !$passed{$_} } split / /, $sizes;
  my $sent = grep { defined send($socket, text($_), 0) } @left;
  my ($size, $left) = (undef, 0.7);
  while ($sent > 0) {
    ($size, $left) = answer($left);
    last unless defined $size;
    $sent-- if $size && !$passed{$size}++;
  }
}
print "size $_\n" for sort { $a <=> $b } keys %passed;

sub text {
  my ($size) = @_;
  my $text = "fakevpc $nonce $id $size ";
  return $text . '.' x ($size - $head - length $text > 0 ? $size - $head - length $text : 0);
}

# The size that an answer is for, and what is left of the seconds; nothing where none came in time. Linux's select says
# what is left, and perl-base has no finer clock.
sub answer {
  my ($left) = @_;
  while ($left > 0) {
    vec(my $wanted = '', fileno $socket, 1) = 1;
    (my $found, $left) = select($wanted, undef, undef, $left);
    return unless $found > 0;
    defined recv($socket, my $packet, 65535, 0) or next; # a port that refuses so far
    return ($1, $left) if $packet =~ /^FAKEVPC \Q$nonce\E \Q$id\E (\d+) /;
  }
  return;
}
