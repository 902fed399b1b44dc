# What `fakevpc status` asks a server, all in one go; nothing is changed. Standard output has a section for each answer,
# "### NAME" and its lines, each after one space. No key leaves the server.
# Arguments: PREFIX, the server's name, its peers as "ADDRESS%INTERFACE …", and their addresses that are the same from everywhere.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
prefix=$1 server=$2 peers=$3 stable=$4
program=/var/lib/fakevpc/$prefix/host.sh

# section NAME: standard input as its lines.
section() {
  printf '### %s\n' "$1"
  awk '{ print " " $0 }'
}

mtu_of() {
  cat "/sys/class/net/$1/mtu" 2> /dev/null
}

# start_pings ADDRESS INTERFACE: some packets, to see what is lost, and some of full size that nobody may cut in two. To a peer
# behind a relay that size is less than the interface's.
start_pings() {
  mtu=$(mtu_of "$2") || return 0
  less=$(ip -4 route show "$1" dev "$2" 2> /dev/null | sed -n 's/.* mtu \([0-9]*\).*/\1/p')
  mtu=${less:-$mtu}
  ping -n -q -c 5 -i 0.05 -W 1 -w 3 "$1" > "$stage/ping $1" 2>&1 &
  ping -n -q -c 3 -i 0.05 -W 1 -w 3 -M 'do' -s "$((mtu - 28))" "$1" > "$stage/full $1" 2>&1 &
}

# The seconds since the last handshake of each peer, by its public key.
handshakes() {
  wg show "$1" latest-handshakes | awk -v now="$(date +%s)" '{ print $1, $2 ? now - $2 : "never" }'
}

date +%s.%N | section time

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
if command -v ping > /dev/null; then
  for peer in $peers; do
    start_pings "${peer%\%*}" "${peer#*%}"
  done
  for address in $stable; do
    ping -n -q -c 3 -i 0.05 -W 1 -w 3 "$address" > "$stage/ping $address" 2>&1 &
  done
else
  echo ping | section missing
fi
# The dry mode of what an up runs here.
[ ! -e "$program" ] || sh "$program" inspect "$prefix" "$server" > "$stage/inspection" 2> /dev/null || true

wait
for answer in "$stage"/*; do
  [ -e "$answer" ] || continue
  name=$(basename "$answer")
  section "$name" < "$answer"
done
# After the pings, which shake hands where nobody did for long.
# shellcheck disable=SC2086 # a word for each
for interface in $(printf '%s\n' $peers | sed 's/.*%//' | sort -u); do
  mtu_of "$interface" > /dev/null || continue
  handshakes "$interface" 2> /dev/null | section "interface $interface"
  wg show "$interface" endpoints 2> /dev/null | section "endpoints $interface"
done
echo | section end
