# network: the one address that this server has for everybody, and the ways that wg-quick does not make as they should be. The
# address is on lo, so that it is there before any tunnel. $stage/network has a line "address A" or "range R" for each;
# $stage/routes has "INTERFACE DESTINATION SOURCE MTU", with "-" for what a way need not say.

network_apply() {
  local unit="fakevpc-$prefix-address.service" kind what
  [ -s "$stage/network" ] || [ -e "$home/network" ] || [ -s "$stage/routes" ] || [ -e "$home/routes" ] || return 0
  if [ -e "$home/network" ]; then
    while read -r kind what; do
      grep -qxF "$kind $what" "$stage/network" || network_drop "$kind" "$what"
    done < "$home/network"
  fi
  routes_drop
  if [ ! -s "$stage/network" ]; then
    unit_remove "$unit"
    act rm -f "$home/network"
  else
    put "$home/network" 600 < "$stage/network"
    # networkd takes addresses and routes that it did not make, whenever it starts; this puts them back at once.
    unit_put "$unit" << UNIT
[Unit]
Description=The address of this server in the mesh $prefix (fakevpc)
StartLimitIntervalSec=0
DefaultDependencies=no
RequiresMountsFor=$home
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
PartOf=systemd-networkd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh $home/host.sh address $prefix

[Install]
WantedBy=sysinit.target
UNIT
    unit_enable "$unit"
    systemctl is-active --quiet "$unit" || unit_do start "$unit"
    network_restore "$stage/network"
  fi
  put "$home/routes" 600 < "$stage/routes"
  routes_restore "$stage/routes"
  [ -s "$stage/routes" ] || act rm -f "$home/routes"
}

# network_restore FILE: what is missing of the addresses and ranges in FILE. An address that is new in IPv6 is used at once,
# without the second in which others are asked for it.
network_restore() {
  local kind what
  [ -s "$1" ] || return 0
  while read -r kind what; do
    if network_has "$kind" "$what"; then continue; fi
    case "$kind $what" in
      "address "*:*) act ip -6 address replace "$what/128" dev lo nodad ;;
      "address "*) act ip address replace "$what/32" dev lo ;;
      "range "*:*) act ip -6 route replace unreachable "$what" metric 2147483647 ;;
      "range "*) act ip route replace unreachable "$what" metric 4294967295 ;;
    esac
    case "$kind" in
      address) changed "put the address $what on lo" ;;
      range) changed "kept packets for $what from leaving outside of the mesh" ;;
    esac
  done < "$1"
}

network_has() {
  case "$1 $2" in
    "address "*:*) [ -n "$(ip -6 -o address show dev lo to "$2/128" 2> /dev/null)" ] ;;
    "address "*) [ -n "$(ip -4 -o address show dev lo to "$2/32")" ] ;;
    "range "*:*) ip -6 route show type unreachable 2> /dev/null | grep -qF "unreachable $2 " ;;
    "range "*) ip -4 route show type unreachable | grep -qF "unreachable $2 " ;;
  esac
}

network_drop() {
  network_has "$1" "$2" || return 0
  case "$1 $2" in
    "address "*:*) act ip -6 address delete "$2/128" dev lo ;;
    "address "*) act ip address delete "$2/32" dev lo ;;
    "range "*:*) act ip -6 route delete unreachable "$2" metric 2147483647 ;;
    "range "*) act ip route delete unreachable "$2" metric 4294967295 ;;
  esac
  changed "removed the $1 $2"
}

# routes_drop: the ways that are no longer wanted. With an interface its ways go by themselves.
routes_drop() {
  local interface destination
  [ -e "$home/routes" ] || return 0
  while read -r interface destination _; do
    ! grep -q "^$interface $destination " "$stage/routes" || continue
    [ -n "$(ip route show "$destination" dev "$interface" 2> /dev/null)$(ip -6 route show "$destination" dev "$interface" 2> /dev/null)" ] || continue
    if [ -z "$dry" ]; then
      ip route delete "$destination" dev "$interface" 2> /dev/null || true
    fi
    changed "removed the way to $destination by $interface"
  done < "$home/routes"
}

# routes_restore FILE [INTERFACE]: the ways in FILE that are missing or not as they should be, of the interfaces that are there.
routes_restore() {
  local interface destination source mtu
  [ -s "$1" ] || return 0
  routes_wrong "$1" "${2:-}" |
    while read -r interface destination source mtu; do
      [ "$source" = - ] && source='' || source="src $source"
      [ "$mtu" = - ] && mtu='' || mtu="mtu $mtu"
      # shellcheck disable=SC2086 # words
      act ip route replace "$destination" dev "$interface" $source $mtu
      changed "put the way to $destination by $interface right"
    done
}

routes_wrong() {
  {
    echo '### links'
    ip -o link show up
    echo '### now'
    ip -4 route show
    ip -6 route show 2> /dev/null || true
    echo '### wanted'
    cat "$1"
  } | awk -v only="$2" "$awk_routes"
}

# refuse_network: IPv6 that is switched off would take the tunnels' IPv4 with it when they start again.
refuse_network() {
  grep -q : "$stage/network" || return 0
  if says /proc/sys/net/ipv6/conf/all/disable_ipv6 0 && says /proc/sys/net/ipv6/conf/lo/disable_ipv6 0; then return 0; fi
  die "IPv6 is switched off here, and network6 needs it: switch it on (net.ipv6.conf.all.disable_ipv6=0, also in /etc/sysctl.d), or leave network6 out"
}

network_remove() {
  local kind what
  if [ -e "$home/network" ]; then
    unit_remove "fakevpc-$prefix-address.service"
    while read -r kind what; do
      network_drop "$kind" "$what"
    done < "$home/network"
  fi
  rm -f "$home/network" "$home/routes"
}
