#!/bin/sh
# enter-root.sh ROOT CACHE COMMAND…: the half of fresh-root.sh that runs in a mount namespace of its own.
set -eu
root=$1 cache=$2
shift 2
project=$(pwd)

mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
# What leads to the internet from here.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
[ ! -e "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$root/root/"

# shared SOURCE TARGET: a file or directory of this machine is there too.
shared() {
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
  else
    mkdir -p "$(dirname "$root$2")"
    : >"$root$2"
  fi
  mount --bind "$1" "$root$2"
}

lib=/usr/local/lib/node_modules
shared "$(readlink -f "$(command -v node)")" /usr/local/bin/node
shared "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$lib/npm"
for program in npm npx; do
  ln -s "$lib/npm/bin/$program-cli.js" "$root/usr/local/bin/$program"
done
if command -v go >/dev/null; then
  shared "$(go env GOROOT)" /usr/local/go
fi
if [ -d "${FAKEVPC_TOOLCHAIN:-}" ]; then
  shared "$FAKEVPC_TOOLCHAIN" "$FAKEVPC_TOOLCHAIN"
fi
for kept in engine images debs; do
  mkdir -p "$cache/$kept"
  shared "$cache/$kept" "/root/.cache/fakevpc/$kept"
done
npm_cache=$(npm config get cache)
mkdir -p "$npm_cache"
shared "$npm_cache" /root/.npm

# The project as somebody who clones it has it, with what was not committed yet: nothing is installed or compiled.
mkdir -p "$root$project"
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
  tar -c --null --ignore-failed-read -T - | tar -x -C "$root$project"

# pivot_root, not chroot: "nsenter --mount", which the lab uses, goes to the root of the mount namespace.
cd "$root"
mkdir old
pivot_root . old
umount -l /old
rmdir /old
cd "$project"
unset FAKEVPC_CACHE XDG_CACHE_HOME TMPDIR
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin HOME=/root exec "$@"
