#!/bin/sh
# On the server whose services are measured. The mesh forwards ports 53x1 by socat and 53x2 in the kernel already; the
# same is made here for the public network, so that the forwarder can be measured without WireGuard.
# Usage: serve.sh MESH_ADDRESS PUBLIC_ADDRESS; connections.py is in /root
set -eu
mesh=$1 public=$2

start() { # NAME PROGRAM…
  name=$1
  shift
  systemd-run --quiet --unit="bench-$name" -- "$@"
}

for address in "$mesh" "$public"; do
  start "iperf-$address" iperf3 -s -B "$address" -p 5310
  start "connections-$address" python3 /root/connections.py serve "$address" 5320
done
for way in 1 2; do
  start "iperf-$way" iperf3 -s -B 127.0.0.1 -p "531$way"
  start "connections-$way" python3 /root/connections.py serve 127.0.0.1 "532$way"
done
for port in 5311 5321; do
  start "socat-$port" socat "TCP4-LISTEN:$port,bind=$public,fork,reuseaddr,backlog=128" "TCP4:127.0.0.1:$port"
done
echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
nft -f - <<RULES
table ip bench {
  chain forward {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr $public tcp dport { 5312, 5322 } dnat to 127.0.0.1
  }
}
RULES
