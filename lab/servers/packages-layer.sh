#!/bin/bash
# Installs packages over a base image, into a directory that lies between the base and a server's own disk.
# Standard input is the text of the apt sources, or empty where the base image's own are to be taken.
set -eu
target=$1 base=$2
shift 2

[ ! -d "$target" ] || exit 0
# The mounts below live in a namespace of their own, so that an interrupted build leaves none behind.
if [ -z "${FAKEVPC_OWN_MOUNTS:-}" ]; then
  FAKEVPC_OWN_MOUNTS=yes exec unshare --mount bash "$0" "$target" "$base" "$@"
fi

building=$target.building
rm -rf --one-file-system "$building"
mkdir -p "$building/upper" "$building/work" "$building/root"
root=$building/root
cat >"$building/sources"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$building/upper,workdir=$building/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# The build uses this machine's network, names and mirror. A base image may have no hosts file yet.
touch "$root/etc/hosts"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
mount --bind /etc/hosts "$root/etc/hosts"
[ ! -s "$building/sources" ] || mount --bind "$building/sources" "$root/etc/apt/sources.list.d/debian.sources"
# It starts no service.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
chroot "$root" apt-get -qq -o Acquire::http::Proxy=DIRECT update
chroot "$root" apt-get -qq -o Acquire::http::Proxy=DIRECT install -y --no-install-recommends "$@"
chroot "$root" apt-get clean
rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/*

umount -R "$root"
mv "$building/upper" "$target"
rm -rf "$building"
