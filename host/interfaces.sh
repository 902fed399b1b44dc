# interfaces: the confs of the mesh, their wg-quick@ units, and the guard of the firewall. Standard input has a section
# for each: "### ranges", "### names", "### openings", "### guard.nft", and "### NAME.conf" with {…} where a key belongs.

interfaces_apply() {
  claim
  make_stage
  split_sections
  [ -s "$stage/ranges" ] || die "the plan did not arrive whole: run again"
  # Everything that could speak against it is asked before anything is touched.
  refuse_overlaps
  interfaces=$(cd "$stage" && printf '%s\n' *.conf | sed 's/\.conf$//')
  for interface in $interfaces; do
    refuse_foreign "$interface"
    fill fail "$stage/$interface.conf" > "$stage/$interface.filled" 2> "$stage/missing" ||
      die "the key $(cat "$stage/missing") is not here yet: run again, and the step 'key' brings it"
  done

  mkdir -p "$home/interfaces" /etc/wireguard
  firewall_part guard < "$stage/guard.nft"
  watch_put
  put "$home/interfaces/names" 600 < "$stage/names"
  for template in "$home"/interfaces/*.conf; do
    [ -e "$template" ] || continue
    interface=$(basename "$template" .conf)
    [ -e "$stage/$interface.conf" ] || remove_interface "$interface"
  done
  for interface in $interfaces; do
    # The template is the record that the conf is ours, so it is there before the conf.
    put "$home/interfaces/$interface.conf" 600 < "$stage/$interface.conf"
    remember_endpoints "$interface"
    write_conf "$interface" < "$stage/$interface.filled"
  done
  # What moves may go where another one still is, so all of those let go first.
  for interface in $interfaces; do
    ! ip link show dev "$interface" > /dev/null 2>&1 || has_its_addresses "$interface" ||
      systemctl stop "wg-quick@$interface.service"
  done
  # shellcheck disable=SC2086 # names
  converge $interfaces
  openings_apply "$stage/openings"
  resolve_names
}

# A mesh range inside one of the server's own networks would take that network's traffic, often the operator's too.
refuse_overlaps() {
  ours=" $(for template in "$home"/interfaces/*.conf "$stage"/*.conf; do basename "$template" .conf; done | tr '\n' ' ')"
  clash=$({
    ip -4 -o address show | awk '{ print $2, $4 }'
    ip -4 route show table all | awk '
      $1 ~ /^(local|broadcast|unreachable|blackhole|default|0\.0\.0\.0\/)/ || $1 == "128.0.0.0/1" { next }
      { for (i = 2; i < NF; i++) if ($i == "dev") print $(i + 1), $1 }'
  } | awk -v ours="$ours" -v ranges="$stage/ranges" '
    function number(address,  part) {
      split(address, part, ".")
      return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
    }
    function parse(text,  half) {
      if (split(text, half, "/") == 1) half[2] = 32
      size = 2 ^ (32 - half[2])
      first = number(half[1]) - number(half[1]) % size
      last = first + size - 1
    }
    BEGIN {
      while ((getline line < ranges) > 0) { parse(line); n++; text[n] = line; from[n] = first; to[n] = last }
    }
    index(ours, " " $1 " ") == 0 {
      parse($2)
      for (i = 1; i <= n; i++) if (first <= to[i] && last >= from[i]) { print text[i] " and " $2 " on " $1; exit }
    }')
  [ -z "$clash" ] ||
    die "a range of the mesh overlaps one of the server's own networks ($clash): choose another ifaceIpOffset"
}

# What is ours: a conf that says so, and an interface with our key, even where our own record of them was lost.
refuse_foreign() {
  [ ! -e "$home/interfaces/$1.conf" ] || return 0
  if [ -e "/etc/wireguard/$1.conf" ]; then
    grep -qx "# fakevpc $prefix: .*" "/etc/wireguard/$1.conf" ||
      die "/etc/wireguard/$1.conf is there already and not ours: choose another prefix, or remove it"
  elif ip link show dev "$1" > /dev/null 2>&1; then
    grep -qxF "private key=$(wg show "$1" private-key 2> /dev/null)" "$home/keys" ||
      die "an interface $1 is there already and not ours: choose another prefix, or remove it"
  fi
}

# write_conf NAME: standard input becomes the conf. A mark beside the template says that the running interface has
# not had it yet, so that an interrupted run is finished by the next.
write_conf() {
  cat > "$home/interfaces/$1.filled"
  if ! cmp -s "$home/interfaces/$1.filled" "/etc/wireguard/$1.conf"; then
    : > "$home/interfaces/$1.pending"
  fi
  put "/etc/wireguard/$1.conf" 600 < "$home/interfaces/$1.filled"
  rm -f "$home/interfaces/$1.filled"
}

# converge NAME…: brings the running interfaces to their confs by the least that does it. What runs is asked, not remembered:
# a killed wireguard-go leaves its unit active, and whoever stopped a unit did not tell us.
converge() {
  # shellcheck disable=SC2046 # units
  unit_enable $(printf 'wg-quick@%s.service ' "$@")
  starting=
  for interface; do
    unit="wg-quick@$interface.service"
    if ! ip link show dev "$interface" > /dev/null 2>&1; then
      changed "starting $interface"
    elif ! systemctl is-active --quiet "$unit"; then
      ip link delete dev "$interface"
      changed "starting $interface again by its unit"
    elif ! has_its_addresses "$interface"; then
      changed "restarting $interface"
    else
      if [ -e "$home/interfaces/$interface.pending" ] || [ "$(peers_wanted "$interface")" != "$(peers_running "$interface")" ]; then
        synchronise "$interface"
        changed "updated the peers of $interface"
      fi
      continue
    fi
    starting="$starting $unit"
  done
  # shellcheck disable=SC2086 # units
  [ -z "$starting" ] || unit_do restart $starting
  for interface; do
    [ "$(cat "/proc/sys/net/ipv4/conf/$interface/route_localnet")" = 1 ] || allow_forwarding "$interface"
    rm -f "$home/interfaces/$interface.pending"
  done
}

# What syncconf leaves alone, and so takes a restart: addresses, routes and MTU.
has_its_addresses() {
  mtu=$(sed -n 's/^MTU = //p' "/etc/wireguard/$1.conf")
  [ -z "$mtu" ] || [ "$mtu" = "$(cat "/sys/class/net/$1/mtu")" ] || return 1
  [ "$(sed -n 's/^Address = //p' "/etc/wireguard/$1.conf")" = "$(ip -4 -o address show dev "$1" | awk '{ print $4 }')" ] || return 1
  sed -n 's/^AllowedIPs = //p' "/etc/wireguard/$1.conf" | while read -r range; do
    [ -n "$(ip -4 route show dev "$1" match "$range")" ] || return 1
  done
}

# The port, the private key and the peers, a line each, in the same form for a conf and for a running interface.
# The endpoint is left out: it may have roamed, and what was written is marked as pending.
peers_wanted() {
  awk '
    function flush() { if (peer) print peer, shared, allowed, keepalive; peer = ""; shared = "(none)"; keepalive = "off" }
    $1 == "[Peer]" { flush() }
    $1 == "PrivateKey" { print "private", $3 }
    $1 == "ListenPort" { print "port", $3 }
    $1 == "PublicKey" { peer = $3 }
    $1 == "PresharedKey" { shared = $3 }
    $1 == "AllowedIPs" { allowed = $3 }
    $1 == "PersistentKeepalive" { keepalive = $3 }
    END { flush() }' "/etc/wireguard/$1.conf" | sort
}

peers_running() {
  wg show "$1" dump | awk -v port="$(sed -n 's/^ListenPort = //p' "/etc/wireguard/$1.conf")" '
    NR == 1 { print "private", $1; if (port) print "port", $3; next }
    { print $1, $2, $4, $8 }' | sort
}

# synchronise NAME: tells the running interface what differs from its conf, and no more. 'wg syncconf' would take the
# allowed IPs of every peer away for a moment, and packets of peers that did not change would be lost.
synchronise() {
  old_key=$(wg show "$1" private-key)
  work="$home/interfaces/$1"
  peers_wanted "$1" > "$work.wanted"
  peers_running "$1" > "$work.running"
  {
    grep -vxFf "$work.running" "$work.wanted" | cut -d ' ' -f 1 || true
    [ ! -e "$work.pending" ] || moved_endpoints "$1"
  } > "$work.different"
  awk -v file="$work.different" '
    BEGIN { while ((getline line < file) > 0) different[line] = 1; RS = ""; FS = "\n" }
    {
      delete field
      for (i = 2; i <= NF; i++) { at = index($i, " = "); if (at) field[substr($i, 1, at - 1)] = substr($i, at + 3) }
    }
    "Address" in field {
      print "[Interface]"
      if ("private" in different) print "PrivateKey = " field["PrivateKey"]
      if ("port" in different) print "ListenPort = " field["ListenPort"]
    }
    field["PublicKey"] in different { print; if (!("PersistentKeepalive" in field)) print "PersistentKeepalive = 0" }
    ' "/etc/wireguard/$1.conf" > "$work.addition"
  wg addconf "$1" "$work.addition" || die "wg refused the new peers of $1: look at /etc/wireguard/$1.conf on the server"
  for key in $(wg show "$1" peers); do
    grep -q "^$key " "$work.wanted" || wg set "$1" peer "$key" remove
  done
  rm -f "$work.wanted" "$work.running" "$work.different" "$work.addition"
  restore_endpoints "$1"
  # A new key of our own ends every session at once; whoever changes last makes the new ones.
  [ "$(wg show "$1" private-key)" = "$old_key" ] || speak_first "$1" "$(wg show "$1" peers)"
}

# moved_endpoints NAME: the keys of the peers that are dialled elsewhere than the conf says.
moved_endpoints() {
  wg show "$1" endpoints | awk -v conf="/etc/wireguard/$1.conf" '
    BEGIN {
      while ((getline line < conf) > 0) {
        if (line ~ /^PublicKey = /) key = substr(line, 13)
        if (line ~ /^Endpoint = /) endpoint[key] = substr(line, 12)
      }
    }
    ($1 in endpoint) && endpoint[$1] != $2 { print $1 }'
}

# started NAME, stopping NAME: the hooks of every conf. They hold no lock, as a step that starts an interface has it.
started() {
  allow_forwarding "$1"
  restore_endpoints "$1"
  # The names are looked up beside this: no interface waits for them.
  [ ! -s "$home/interfaces/names" ] || systemctl start --no-block "fakevpc-$prefix-watch.service" 2> /dev/null || true
}

stopping() {
  remember_endpoints "$1"
}

# Forwarding to 127.0.0.1 in the kernel needs this on the interface it comes in by, and on no other.
allow_forwarding() {
  echo 1 > "/proc/sys/net/ipv4/conf/$1/route_localnet"
}

remove_interface() {
  unit_disable "wg-quick@$1.service"
  ip link delete dev "$1" 2> /dev/null || true
  rm -f "/etc/wireguard/$1.conf" "/etc/wireguard/$1.conf.fakevpc" "$home/interfaces/$1."*
  changed "removed $1"
}

interfaces_delete() {
  interfaces_remove
}

interfaces_remove() {
  for template in "$home"/interfaces/*.conf; do
    [ ! -e "$template" ] || remove_interface "$(basename "$template" .conf)"
  done
  watch_remove
  openings_remove
  rm -rf "$home/interfaces"
  firewall_part guard < /dev/null
}
