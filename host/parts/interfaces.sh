# interfaces: the confs of the mesh, their wg-quick@ units, and the guard of the firewall. Standard input has a section
# for each: "### ranges", "### names", "### openings", "### guard.nft", and "### NAME.conf" with {…} where a key belongs.

interfaces_apply() {
  claim
  make_stage
  split_sections
  [ -s "$stage/ranges" ] || die "the plan did not arrive whole: run again"
  # Everything that could speak against it is asked before anything is touched.
  refuse_overlaps
  interfaces=$(names_of "$stage"/*.conf)
  for interface in $interfaces; do
    refuse_foreign "$interface"
  done
  fill fail "$stage"/*.conf 2> "$stage/missing" ||
    die "the key $(cat "$stage/missing") is not here yet: run again, and the step 'key' brings it"

  mkdir -p "$home/interfaces" /etc/wireguard
  firewall_part guard "$stage/guard.nft"
  watch_put
  cmp -s "$stage/names" "$home/interfaces/names" || put "$home/interfaces/names" 600 < "$stage/names"
  for interface in $(names_of "$home"/interfaces/*.conf); do
    [ -e "$stage/$interface.conf" ] || remove_interface "$interface"
  done
  for interface in $interfaces; do
    # The template is the record that the conf is ours, so it is there before the conf.
    cmp -s "$stage/$interface.conf" "$home/interfaces/$interface.conf" ||
      put "$home/interfaces/$interface.conf" 600 < "$stage/$interface.conf"
  done
  # shellcheck disable=SC2086 # names
  write_confs $interfaces
  # shellcheck disable=SC2086
  converge $interfaces
  openings_apply "$stage/openings"
  resolve_names
}

# names_of FILE…: the names of the interfaces that these confs are of, where they are.
names_of() {
  for conf; do
    conf=${conf##*/}
    [ "$conf" = '*.conf' ] || printf '%s\n' "${conf%.conf}"
  done
}

# A mesh range inside one of the server's own networks would take that network's traffic, often the operator's too.
refuse_overlaps() {
  ours=" $(names_of "$home"/interfaces/*.conf "$stage"/*.conf | tr '\n' ' ')"
  clash=$({
    ip -4 -o address show | awk '{ print $2, $4 }'
    ip -4 route show table all | awk '
      $1 ~ /^(local|broadcast|unreachable|blackhole|default|0\.0\.0\.0\/)/ || $1 == "128.0.0.0/1" { next }
      { for (i = 2; i < NF; i++) if ($i == "dev") print $(i + 1), $1 }'
  } | awk -v ours="$ours" -v ranges="$stage/ranges" "$parse_range"'
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
  firewall_part guard /dev/null
}
