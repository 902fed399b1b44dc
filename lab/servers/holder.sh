#!/bin/bash
# The first process of a lab's own mount, network and process namespaces. It makes the operator's side of the network
# and then only lives: the kernel ends everything in the lab with it. It ends when its standard input does, a pipe that
# the lab's owner holds, unless the lab is to be kept.
set -eu
directory=$1 group=$2 keep=$3 supervisor=$4

# The machine's /proc is still here: read by the shell itself, it shows the process ids that the machine sees.
read -ra own </proc/self/stat
read -ra its <"/proc/$supervisor/stat"

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lab /run/lock /run/systemd/nspawn

# A tree of the unified kind, whatever this machine uses: systemd in the servers needs no controller.
umount -R -l /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$group"
# Where the machine has the older kind, its devices controller keeps the servers off the real disks: see machine.sh.
mkdir /run/lab/devices
mount -t cgroup -o devices devices /run/lab/devices 2>/dev/null || rmdir /run/lab/devices

# Not the machine's node: systemd in a server would change its mode.
mknod -m 600 /run/lab/tun c 10 200

ip link set lo up
echo 0 >/proc/sys/net/ipv4/ip_forward
ip link add br-wan type bridge forward_delay 0 mcast_snooping 0
ip address add 198.51.100.1/24 dev br-wan
ip address add 2001:db8:51::1/64 dev br-wan nodad
ip link set br-wan up
# Frames between servers must not meet the rules of a router.
for family in iptables ip6tables arptables; do
  [ ! -e "/proc/sys/net/bridge/bridge-nf-call-$family" ] || echo 0 >"/proc/sys/net/bridge/bridge-nf-call-$family"
done
nft -f - <<'RULES'
table bridge lab {
  set cut { type ifname; }
  set pairs { type ether_addr . ether_addr; }
  chain arriving {
    type filter hook prerouting priority 0; policy accept;
    iifname @cut drop
    ether saddr . ether daddr @pairs drop
  }
  chain leaving {
    type filter hook postrouting priority 0; policy accept;
    oifname @cut drop
  }
}
RULES

printf '%s %s\n' "${own[0]}" "${own[21]}" "${its[0]}" "${its[21]}" >"$directory/holder.new"
mv "$directory/holder.new" "$directory/holder"

# bash reaps the orphans of the lab, as a first process must, while it waits here.
if [ "$keep" = keep ]; then
  sleep infinity &
  wait
else
  read -r _ || true
fi
