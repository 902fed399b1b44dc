# What `fakevpc status` asks a server, all in one go; nothing is changed. Standard output has a section for each answer,
# "### NAME" and its lines, each after one space. No key leaves the server.
# Arguments: PREFIX, the peers as "ADDRESS%INTERFACE …", and the units to look at, "NAME.service …".
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
prefix=$1 peers=$2 units=$3
home=/var/lib/fakevpc/$prefix

# section NAME: standard input as its lines.
section() {
  printf '### %s\n' "$1"
  awk '{ print " " $0 }'
}

# file NAME FILE: the file, where there is one.
file() {
  [ ! -e "$2" ] || section "$1" < "$2"
}

mtu_of() {
  cat "/sys/class/net/$1/mtu" 2> /dev/null
}

# start_pings ADDRESS INTERFACE: some packets, to see what is lost, and some of full size that nobody may cut in two.
start_pings() {
  mtu=$(mtu_of "$2") || return 0
  ping -n -q -c 5 -i 0.05 -W 1 -w 3 "$1" > "$stage/ping $1" 2>&1 &
  ping -n -q -c 3 -i 0.05 -W 1 -w 3 -M 'do' -s "$((mtu - 28))" "$1" > "$stage/full $1" 2>&1 &
}

# redact FILE: with the placeholder of each key that the server was given; no other key is shown.
redact() {
  awk -v keys="$home/keys" '
    BEGIN {
      while ((getline line < keys) > 0) {
        at = index(line, "=")
        name[substr(line, at + 1)] = "{" substr(line, 1, at - 1) "}"
      }
    }
    {
      for (key in name) {
        if (at = index($0, key)) $0 = substr($0, 1, at - 1) name[key] substr($0, at + length(key))
      }
      print
    }' "$1" | sed -E 's#[A-Za-z0-9+/]{42,43}=#(another key)#g'
}

# Those of the units that it was asked about.
interfaces() {
  for unit in $units; do
    case "$unit" in
      wg-quick@*.service)
        interface=${unit#wg-quick@}
        printf '%s\n' "${interface%.service}"
        ;;
    esac
  done
}

# The lines between the marks of this mesh's block in /etc/hosts.
hosts_block() {
  awk -v begin="# fakevpc $prefix: begin" -v end="# fakevpc $prefix: end" '
    $0 == end { inside = 0 }
    inside { print }
    $0 == begin { inside = 1 }' /etc/hosts
}

# The units of the mesh itself that the server is to start, beside those that it was asked about.
own_units() {
  grep -ls '^\[Install\]' /etc/systemd/system/fakevpc-"$prefix"-*.service /etc/systemd/system/fakevpc-"$prefix"-*.timer |
    sed 's#.*/##' | grep -v '@' || true
}

# Whether the kernel has the table as it was loaded.
table() {
  if ! listing=$(nft list table inet "fakevpc_$prefix" 2> /dev/null); then
    echo missing
  elif printf '%s\n' "$listing" | cmp -s - "$home/firewall/listing"; then
    echo loaded
  else
    echo changed
  fi
}

# The interface as it runs: its public key, and for each peer's the seconds since its last handshake.
running() {
  echo "public-key $(wg show "$1" public-key)"
  wg show "$1" latest-handshakes | awk -v now="$(date +%s)" '{ print "handshake", $1, $2 ? now - $2 : "never" }'
}

date +%s.%N | section time

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
if command -v ping > /dev/null; then
  for peer in $peers; do
    start_pings "${peer%\%*}" "${peer#*%}"
  done
else
  echo ping | section missing
fi

for interface in $(interfaces); do
  conf=/etc/wireguard/$interface.conf
  [ ! -e "$conf" ] || redact "$conf" | section "conf $interface"
done
hosts_block | section hosts
file guard.nft "$home/firewall/guard.nft"
file forward.nft "$home/firewall/forward.nft"
table | section table
[ ! -e "$home/host.sh" ] || sha256sum < "$home/host.sh" | section host.sh
units="$units $(own_units | tr '\n' ' ')"
# shellcheck disable=SC2086
systemctl show --property=Id,Type,RemainAfterExit,ActiveState,UnitFileState $units | section units
systemctl list-units --plain --no-legend --state=failed "fakevpc-$prefix-*" | awk '{ print $1 }' | section failed
ss -Hltn | awk '{ print $4 }' | section listening

wait
for answer in "$stage"/*; do
  name=$(basename "$answer")
  file "$name" "$answer"
done
# After the pings, which shake hands where nobody did for long.
for interface in $(interfaces); do
  ! mtu_of "$interface" > /dev/null || running "$interface" 2> /dev/null | section "interface $interface"
done
echo | section end
