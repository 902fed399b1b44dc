#!/bin/bash
# A home router, in a network namespace of its own: masquerade out, nothing in.
# Usage: router.sh SLOT LAN_BRIDGE OPERATOR_ADDRESS LAN_ADDRESS WAN_ADDRESS WAN_MAC
set -eu
slot=$1 bridge=$2 operator=$3 lan=$4 wan=$5 mac=$6
router=r$slot

ip netns add "$router"
ip link add "$bridge" type bridge forward_delay 0 mcast_snooping 0
ip address add "$operator/24" dev "$bridge"
ip link set "$bridge" up

ip link add "${router}wan" type veth peer name wan address "$mac" netns "$router"
ip link set "${router}wan" master br-wan up
ip link add "${router}lan" type veth peer name lan netns "$router"
ip link set "${router}lan" master "$bridge" up
ip -n "$router" address add "$wan/24" dev wan
ip -n "$router" address add "$lan/24" dev lan
for device in lo wan lan; do
  ip -n "$router" link set "$device" up
done
ip -n "$router" route add default via 198.51.100.1

ip netns exec "$router" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
ip netns exec "$router" nft -f - <<'RULES'
table inet home {
  chain forwarding {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain arriving {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iifname { "lan", "lo" } accept
  }
  chain translation {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade
  }
}
RULES
