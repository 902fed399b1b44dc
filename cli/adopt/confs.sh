#!/bin/sh
# What `fakevpc adopt` reads of a mesh that somebody made by hand: the host's name and the confs of wg-quick, private keys and all.
# Nothing is changed. Standard output has a section for each, "### NAME" and its lines, each after one space. It runs as root.
set -eu
section() {
  printf '### %s\n' "$1"
  sed 's/^/ /'
}
uname -n | section host
for conf in /etc/wireguard/*.conf; do
  [ -e "$conf" ] || continue
  name=${conf##*/}
  section "conf ${name%.conf}" < "$conf"
done
echo | section end
