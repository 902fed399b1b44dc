#!/bin/bash
# What a hoster does to a new server's disk: its name, its network, who may log in, a host key of its own.
# Usage: disk.sh ROOT NAME AUTHORIZED_KEYS ADDRESS GATEWAY ADDRESS6 (empty where there is none)
set -eu
root=$1 name=$2 keys=$3 address=$4 gateway=$5 address6=$6

echo "$name" >"$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n' "$name" >"$root/etc/hosts"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"

cat >"$root/etc/systemd/network/10-eth0.network" <<NETWORK
[Match]
Name=eth0
[Network]
Address=$address/24
Gateway=$gateway
${address6:+Address=$address6/64}
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
NETWORK

for home in root home/ops home/opspw; do
  mkdir -p "$root/$home/.ssh"
  chmod 700 "$root/$home/.ssh"
  install -m 600 "$keys" "$root/$home/.ssh/authorized_keys"
done
for user in ops opspw; do
  chroot "$root" chown -R "$user:$user" "/home/$user/.ssh"
done

ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
