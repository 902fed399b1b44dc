#!/bin/sh
# fresh-root.sh COMMAND…: runs a command in a copy of this project on a machine that is as good as new. That is a root file
# system with a minimal Debian, git, certificates, and this machine's Node.js and Go, made for the command and removed
# after it. npm's cache, Pulumi's engine and the lab's images are kept outside, since they cost minutes; nothing else is.
# So a program that the project needs and does not install is missed here, and not by the next person who clones it.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "fakevpc: $*" >&2; }

here_instead() {
  say "no fresh root file system: $reason. The command runs on this machine itself, where a missing install step goes unseen"
  exec "$@"
}

reason="that needs root"
[ "$(id -u)" = 0 ] || here_instead "$@"
reason="nobody may mount anything here"
unshare --mount true 2>/dev/null || here_instead "$@"
reason="see the lines above"
sh scripts/needs.sh fresh-root || here_instead "$@"

cache=${FAKEVPC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fakevpc}
mkdir -p "$cache"
root=$(mktemp -d "$cache/fresh-root.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM

# The machine's own mirror; elsewhere mmdebstrap knows one.
suite=bookworm
sources=/etc/apt/sources.list.d/debian.sources
grep -qs "^VERSION_CODENAME=$suite" /etc/os-release && [ -e "$sources" ] || sources=
say "making a fresh root file system"
mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates,git --dpkgopt=force-unsafe-io \
  "$suite" "$root" ${sources:+"$sources"} </dev/null || { rm -rf --one-file-system "$root"; here_instead "$@"; }
[ -z "$sources" ] || mv "$root"/etc/apt/sources.list.d/*debian.sources "$root$sources"

# In the background, since the shell heeds no signal while it waits for a command in the foreground.
status=0
unshare --mount --propagation private sh scripts/enter-root.sh "$root" "$cache" "$@" &
wait $! || status=$?
exit "$status"
