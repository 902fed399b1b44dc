#!/bin/sh
# Installs the programs that the machines are made with, or says which are missing.
set -eu
packages=

need() {
  command -v "$1" >/dev/null || packages="$packages $2"
}

need qemu-system-x86_64 qemu-system-x86
need qemu-img qemu-utils
need genisoimage genisoimage
need ssh-keyscan openssh-client
need ss iproute2
need curl curl
need mmdebstrap mmdebstrap
need fakeroot fakeroot
need mke2fs e2fsprogs

[ -n "$packages" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "the machines need these on this machine: sudo apt-get install$packages" >&2
  exit 1
fi
echo "installing$packages with apt-get"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
# shellcheck disable=SC2086
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $packages >/dev/null
