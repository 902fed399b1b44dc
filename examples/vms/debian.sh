#!/bin/sh
# debian.sh DIRECTORY SIZE SUITE: builds disk.qcow2, kernel and initrd of the packages of a Debian release. It needs no root.
set -eu
target=$1 size=$2 suite=$3
here=$(cd "$(dirname "$0")" && pwd)

# The last four are what fakevpc would install on the machines: there may be no internet for them to ask.
packages=systemd-sysv,dbus,libpam-systemd,udev,linux-image-cloud-amd64,initramfs-tools,lz4,e2fsprogs,cloud-init
packages=$packages,openssh-server,sudo,procps,iputils-ping,netcat-openbsd,iproute2,wireguard-tools,nftables,socat

cd "$target"
# Debian itself knows a mirror, which has the other releases too, if not all of an older one's security updates; elsewhere it is
# the public one.
own=/etc/apt/sources.list.d/debian.sources
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
sources=
if [ "$suite" = "$codename" ] && [ -e "$own" ]; then
  sources=$own
elif [ -n "$codename" ] && grep -qs "^Suites:.*\b$codename\b" "$own"; then
  sources=$target/own.sources
  sed "s/\b$codename\b/$suite/g" "$own" | awk 'BEGIN { RS = ""; ORS = "\n\n" } !/-security/' >"$sources"
fi

# The hook is given as its text: in a user namespace of its own it could not read a home directory.
DEBIAN_FRONTEND=noninteractive LC_ALL=C mmdebstrap --quiet --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook="$(cat "$here/debian-customize.sh")" \
  "$suite" root.tar ${sources:+"$sources"} >&2

# fakeroot remembers who owns each file, for an ordinary user may not give them away.
# shellcheck disable=SC2016
fakeroot sh -euc '
  mkdir root
  tar -xf root.tar -C root --exclude="./dev/*"
  cp -L root/vmlinuz kernel
  cp -L root/initrd.img initrd
  truncate -s "$1" disk.raw
  # Few inodes, written now: otherwise every machine spends its first minutes writing them.
  mke2fs -q -t ext4 -i 131072 -E lazy_itable_init=0 -d root disk.raw
' sh "$size"
qemu-img convert -O qcow2 disk.raw disk.qcow2
rm -rf root root.tar disk.raw own.sources
chmod 644 kernel initrd disk.qcow2
