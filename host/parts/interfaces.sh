# interfaces: the confs of the mesh and their wg-quick@ units. $home/interfaces/list records which are ours.

interfaces_apply() {
  act mkdir -p "$home/interfaces" /etc/wireguard
  put "$home/keys" 600 "wrote the keys" < "$stage/keys"
  recorded > "$stage/recorded"
  while read -r interface; do
    grep -qxF "$interface" "$stage/interfaces" || remove_interface "$interface"
  done < "$stage/recorded"
  # The record names a conf before it is there, and one that goes until it is gone.
  put "$home/interfaces/list" 600 < "$stage/interfaces"
  put "$home/ranges" 600 < "$stage/ranges"
  # shellcheck disable=SC2086
  write_confs $interfaces
  # shellcheck disable=SC2086
  converge $interfaces
}

recorded() {
  [ ! -e "$home/interfaces/list" ] || cat "$home/interfaces/list"
}

# A mesh range inside one of the server's own networks would take that network's traffic, often the operator's too. Where the
# mesh was first, that is told and no more.
refuse_overlaps() {
  local range network held
  {
    ip -4 -o address show | awk '{ print $2, $4 }' | grep -vxF "$(own_on_lo)"
    ip -4 route show table all | awk '
      $1 ~ /^(local|broadcast|unreachable|blackhole|default|0\.0\.0\.0\/)/ || $1 == "128.0.0.0/1" { next }
      { for (i = 2; i < NF; i++) if ($i == "dev") print $(i + 1), $1 }'
  } | awk -v ours=" $({ recorded; cat "$stage/interfaces"; } | tr '\n' ' ')" -v ranges="$stage/ranges" "$awk_ranges $awk_overlaps" > "$stage/overlaps"
  while read -r range network; do
    held=''
    [ ! -e "$home/ranges" ] || ! grep -qxF "$range" "$home/ranges" || held=yes
    [ -n "$held" ] ||
      die "a range of the mesh overlaps one of the server's own networks ($range and $network): choose another ifaceIpOffset, network or routes"
    note "the server has a network of its own over a range of the mesh ($range and $network)" "move that network, or choose another ifaceIpOffset, network or routes"
  done < "$stage/overlaps"
}

# The operator, the default gateway and the name servers are reached by no network of the server's own, and would
# be cut off all the same.
refuse_ways() {
  local range way
  {
    echo "${SSH_CONNECTION:-}" | awk 'NF { print "SSH-client", $1 }'
    ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "via") print "gateway", $(i + 1) }'
    awk '$1 == "nameserver" { print "name-server", $2 }' /etc/resolv.conf 2> /dev/null || true
  } | awk '$2 !~ /:/' | awk -v ours='' -v ranges="$stage/ranges" "$awk_ranges $awk_overlaps" > "$stage/overlaps"
  while read -r range way; do
    grep -qsxF "$range" "$home/ranges" ||
      die "a range of the mesh holds an address that this server needs ($range and ${way% on *} of the ${way##* on }): choose another ifaceIpOffset, network or routes"
  done < "$stage/overlaps"
}

# The addresses of this mesh on lo, as "lo ADDRESS/32", even where our own record of them was lost; never nothing, which would
# be in every line.
own_on_lo() {
  echo 'lo of fakevpc'
  { cat "$home/network" 2> /dev/null || true; cat "$stage/network"; } | sed -n 's#^address \(.*\)$#lo \1/32#p'
}

# What is ours: a conf that says so, and an interface with our key, even where our own record of them was lost.
refuse_foreign() {
  local interface
  while read -r interface; do
    ! recorded | grep -qxF "$interface" || continue
    if [ -e "/etc/wireguard/$interface.conf" ]; then
      grep -qx "# fakevpc $prefix: .*" "/etc/wireguard/$interface.conf" ||
        die "/etc/wireguard/$interface.conf is there already and not ours: choose another prefix, or remove it"
    elif ip link show dev "$interface" > /dev/null 2>&1; then
      grep -qsxF "private key=$(wg show "$interface" private-key 2> /dev/null)" "$stage/keys" "$home/keys" ||
        die "an interface $interface is there already and not ours: choose another prefix, or remove it"
    fi
  done < "$stage/interfaces"
}

# started NAME, stopping NAME: the hooks of every conf. They hold no lock, as a run that starts an interface has it.
started() {
  [ ! -e "/run/fakevpc/$prefix/$1.stopped" ] || rm "/run/fakevpc/$prefix/$1.stopped"
  allow_forwarding "$1"
  routes_restore "$home/routes" "$1"
  [ ! -s "$home/lans" ] || forward_on "$1"
  restore_endpoints "$1"
  # The names are looked up beside this: no interface waits for them.
  [ ! -s "$home/interfaces/names" ] || systemctl start --no-block "fakevpc-$prefix-watch.service" 2> /dev/null || true
  grep -q '^ListenPort' "/etc/wireguard/$1.conf" || begin_soon
}

stopping() {
  mkdir -p "/run/fakevpc/$prefix"
  : > "/run/fakevpc/$prefix/$1.stopped"
  remember_endpoints "$1"
}

# Forwarding to 127.0.0.1 in the kernel needs this on the interface it comes in by, and on no other.
allow_forwarding() {
  echo 1 > "/proc/sys/net/ipv4/conf/$1/route_localnet"
}

remove_interface() {
  if [ -z "$dry" ]; then
    unit_disable "wg-quick@$1.service"
    ip link delete dev "$1" 2> /dev/null || true
    rm -f "/etc/wireguard/$1.conf" "/etc/wireguard/$1.conf.fakevpc" "$home/interfaces/$1."*
  fi
  changed "removed $1"
}

interfaces_remove() {
  local interface
  recorded > "$stage/recorded"
  while read -r interface; do
    remove_interface "$interface"
  done < "$stage/recorded"
  rm -rf "$home/interfaces" "$home/keys"
}
