#!/bin/bash
# The hardware of one server, inside the lab's namespaces: its disk, its network card, and one systemd after the other
# for as long as it reboots. The environment holds the particulars: see machine.ts.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
state() { echo "$1" >"$SERVER_DIRECTORY/state"; }
pull_card() {
  ip link delete "$card" 2>/dev/null || true
  ip netns delete "$card" 2>/dev/null || true
}
remove_groups() { [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \; || true; }
# Also where something below fails.
trap 'state off' EXIT

card=s$SLOT
disk=$SERVER_DIRECTORY/disk$GENERATION
root=/run/lab/root/$card.$GENERATION
group=/sys/fs/cgroup/$CONTROL_GROUP/$card

mkdir -p "$root"
if ! mountpoint -q "$root"; then
  fresh=no
  [ -d "$disk/upper" ] || fresh=yes
  mkdir -p "$disk/upper" "$disk/work"
  mount -t overlay overlay -o "lowerdir=$LAYERS,upperdir=$disk/upper,workdir=$disk/work" "$root"
  if [ "$fresh" = yes ]; then
    bash "$here/disk.sh" "$root" "$NAME" "$AUTHORIZED_KEYS" "$ADDRESS" "$GATEWAY" "$ADDRESS6"
    cut -d ' ' -f 1,2 <"$root/etc/ssh/ssh_host_ed25519_key.pub" >"$SERVER_DIRECTORY/hostkey.new"
    mv "$SERVER_DIRECTORY/hostkey.new" "$SERVER_DIRECTORY/hostkey"
  fi
fi

# Root in a server is root here, so the kernel must not give it the real disks.
if [ -d /run/lab/devices ]; then
  mkdir -p "/run/lab/devices/$CONTROL_GROUP/$card"
  echo 'b *:* rwm' >"/run/lab/devices/$CONTROL_GROUP/$card/devices.deny"
  echo $$ >"/run/lab/devices/$CONTROL_GROUP/$card/cgroup.procs"
fi

bridge=br-wan
if [ -n "$WAN_ADDRESS" ]; then
  bridge=br-lan$SLOT
  if [ ! -e "/run/netns/r$SLOT" ]; then
    bash "$here/router.sh" "$SLOT" "$bridge" "$OPERATOR_ADDRESS" "$GATEWAY" "$WAN_ADDRESS" "$WAN_MAC"
  fi
fi

# Not nspawn's own option for a network namespace: version 252 then mounts the wrong /sys and a read-only /proc/sys/net.
nspawn=(nsenter "--net=/run/netns/$card" -- systemd-nspawn --settings=no --register=no --keep-unit
  --machine="$NAME" --directory="$root" --hostname="$NAME" --resolv-conf=off --timezone=off --link-journal=no
  --capability=CAP_NET_ADMIN --bind=/run/lab/tun:/dev/net/tun --console=read-only --boot)

while true; do
  # A new network namespace for every boot: nothing outlives a reboot that would not on hardware.
  pull_card
  ip netns add "$card"
  ip link add "$card" type veth peer name eth0 address "$MAC" netns "$card"
  ip link set "$card" master "$bridge" up
  remove_groups
  mkdir -p "$group"
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    cd /
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_NSPAWN_API_VFS_WRITABLE=network "SYSTEMD_SECCOMP=${FILTER:-1}" "${nspawn[@]}"
  ) </dev/null >>"$SERVER_DIRECTORY/console.log" 2>&1 &
  echo $! >"$SERVER_DIRECTORY/pid"
  state on
  code=0
  wait $! || code=$?
  # systemd-nspawn ends with 133 where the server asked for a reboot.
  [ "$code" = 133 ] || break
done
pull_card
remove_groups
