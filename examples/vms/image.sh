#!/bin/sh
# Prints a directory with disk.qcow2 that machines can start from, and with the kernel and initrd to boot it by where
# the disk has no boot loader. It is made once, and kept.
#
# Variables: IMAGE (the URL or the path of a cloud image in the format qcow2, or "debian" to build one of Debian's
# packages, "debian/trixie" of that release's), CACHE (where images are kept).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
size=20G

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The directory appears whole or not at all; a second run that waited for the first finds it.
make() {
  result=$CACHE/$1
  shift
  mkdir -p "$CACHE"
  exec 9<"$CACHE"
  flock 9
  if [ ! -d "$result" ]; then
    stage=$(mktemp -d "$CACHE/stage.XXXXXX")
    trap 'rm -rf "$stage"' EXIT
    "$@"
    chmod 755 "$stage"
    mv "$stage" "$result"
  fi
  printf '%s\n' "$result"
}

# The checksum comes from where the image does, as all clouds' images have it: a file SHA256SUMS beside it.
from_url() {
  name=${IMAGE##*/}
  sums=$(curl -fsSL --connect-timeout 20 "${IMAGE%/*}/SHA256SUMS") ||
    die "there is no checksum of $IMAGE at ${IMAGE%/*}/SHA256SUMS: download the image, check it and give its path"
  sum=$(printf '%s\n' "$sums" | awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }')
  [ -n "$sum" ] || die "${IMAGE%/*}/SHA256SUMS has no line for $name: is this the image's address?"
  make "$sum" download
}

download() {
  echo "downloading $IMAGE, once" >&2
  curl -fsSL --connect-timeout 20 -o "$stage/disk.qcow2" "$IMAGE" || die "$IMAGE cannot be downloaded: try again"
  echo "$sum  $stage/disk.qcow2" | sha256sum --check --status ||
    die "$IMAGE is not what its checksum says: try again, and if it stays so, do not use it"
  qemu-img resize -q "$stage/disk.qcow2" "$size"
}

# Somebody's own file is not touched: our disk holds only what differs from it.
from_file() {
  file=$(realpath -e "$IMAGE") || die "there is no image $IMAGE: give a path, a URL or \"debian\""
  make "$(stat -c '%n %s %y' "$file" | sha256sum | cut -c 1-16)" overlay
}

overlay() {
  qemu-img create -q -f qcow2 -F qcow2 -b "$file" "$stage/disk.qcow2" "$size" ||
    die "$file is no image in the format qcow2: see the line above"
}

# Another recipe is another image.
from_packages() {
  make "$suite-$(cat "$here"/debian*.sh | sha256sum | cut -c 1-16)" build
}

build() {
  echo "building an image of the packages of Debian's $suite, once: this takes a minute or two" >&2
  sh "$here/debian.sh" "$stage" "$size" "$suite"
}

case $IMAGE in
  debian | debian/*)
    suite=${IMAGE#debian}
    suite=${suite#/}
    suite=${suite:-bookworm}
    case $suite in *[!a-z]*) die "$suite is no release of Debian: give its name, as \"debian/trixie\"" ;; esac
    from_packages
    ;;
  *://*) from_url ;;
  *) from_file ;;
esac
