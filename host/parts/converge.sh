# converge: brings the confs, and the interfaces that run, to what they should be, by the least that does it.

# write_confs NAME…: the confs become what is in $stage/filled. A mark beside the template says that the running interface
# has not had it yet, so that an interrupted run is finished by the next. Sets unsettled: the names of all that have one.
write_confs() {
  remember_endpoints "$@"
  unsettled='' confs=''
  for interface; do
    conf="/etc/wireguard/$interface.conf"
    confs="$confs $conf"
    if ! cmp -s "$stage/filled/$interface.conf" "$conf"; then
      : > "$home/interfaces/$interface.pending"
      put "$conf" 600 < "$stage/filled/$interface.conf"
    fi
    [ ! -e "$home/interfaces/$interface.pending" ] || unsettled="$unsettled $interface"
  done
  # shellcheck disable=SC2086 # files
  chmod 600 $confs
}

# converge NAME…: what runs is asked, not remembered: a killed wireguard-go leaves its unit active, and whoever stopped
# a unit did not tell us.
converge() {
  # shellcheck disable=SC2046 # units
  unit_enable $(units_of "$@")
  survey "$@" > "$stage/verdicts"
  starting='' moving=''
  while read -r verdict interface; do
    case "$verdict" in
      start) changed "starting $interface" ;;
      again)
        ip link delete dev "$interface"
        changed "starting $interface again by its unit"
        ;;
      move)
        moving="$moving wg-quick@$interface.service"
        changed "restarting $interface"
        ;;
      update)
        synchronise "$interface"
        changed "updated the peers of $interface"
        continue
        ;;
    esac
    starting="$starting wg-quick@$interface.service"
  done < "$stage/verdicts"
  # What moves may go where another one still is, so all of those let go first.
  # shellcheck disable=SC2086 # units
  [ -z "$moving" ] || systemctl stop $moving
  # shellcheck disable=SC2086
  [ -z "$starting" ] || unit_do restart $starting
  for interface; do
    says "/proc/sys/net/ipv4/conf/$interface/route_localnet" 1 || allow_forwarding "$interface"
    [ ! -e "$home/interfaces/$interface.pending" ] || rm -f "$home/interfaces/$interface.pending"
  done
}

# A part of awk programs: "parse" sets the globals "first" and "last" to the ends of a range, as numbers.
parse_range='
  function number(address,  part) {
    split(address, part, ".")
    return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
  }
  function parse(text,  half, size) {
    if (text == "default") text = "0.0.0.0/0"
    if (split(text, half, "/") == 1) half[2] = 32
    size = 2 ^ (32 - half[2])
    first = number(half[1]) - number(half[1]) % size
    last = first + size - 1
  }'

units_of() {
  printf 'wg-quick@%s.service\n' "$@"
}

# survey NAME…: a line "VERDICT NAME" for each interface that is not as its conf says: it is to start, to start again as
# its unit does not know of it, to move, which takes a restart, or to update. For the last of these, what the conf wants
# and what runs are left in $stage/NAME.wanted and .running: the port, the private key and the peers, a line each. The
# endpoint is not in it: it may have roamed, and what was written is marked as pending.
survey() {
  {
    echo '### states'
    # shellcheck disable=SC2046 # units
    systemctl is-active $(units_of "$@") || true
    echo '### links'
    ip -o link show
    echo '### addresses'
    ip -4 -o address show
    echo '### routes'
    ip -4 route show
    echo '### running'
    wg show all dump 2> /dev/null || true
    for interface; do
      [ ! -e "$home/interfaces/$interface.pending" ] || printf '### pending\n%s\n' "$interface"
    done
  } | awk -v names="$*" -v stage="$stage" "$parse_range"'
    BEGIN { count = split(names, name, " ") }
    /^### / { section = $2; next }
    section == "states" { state[name[++states]] = $1 }
    section == "links" { sub(/[:@].*/, "", $2); mtu[$2] = $5 }
    section == "addresses" { address[$2] = address[$2] " " $4 }
    section == "routes" { for (i = 2; i < NF; i++) if ($i == "dev") routes[$(i + 1)] = routes[$(i + 1)] " " $1 }
    section == "running" && NF == 5 { private[$1] = $2; port[$1] = $4 }
    section == "running" && NF == 9 { peers[$1] = peers[$1] $2 " " $3 " " $5 " " $9 "\n" }
    section == "pending" { pending[$1] = 1 }

    # What the conf wants: the globals address_wanted, mtu_wanted, ranges, port_wanted and wanted, a line for each.
    function read_conf(conf,  line, field, peer, shared, allowed, keepalive) {
      address_wanted = mtu_wanted = ranges = port_wanted = wanted = peer = ""
      while ((getline line < conf) > 0) {
        split(line, field, " ")
        if (field[1] == "[Peer]" && peer) wanted = wanted peer " " shared " " allowed " " keepalive "\n"
        if (field[1] == "[Peer]") { peer = ""; shared = "(none)"; keepalive = "off" }
        if (field[1] == "Address") address_wanted = " " field[3]
        if (field[1] == "MTU") mtu_wanted = field[3]
        if (field[1] == "PrivateKey") wanted = wanted "private " field[3] "\n"
        if (field[1] == "ListenPort") { port_wanted = field[3]; wanted = wanted "port " port_wanted "\n" }
        if (field[1] == "PublicKey") peer = field[3]
        if (field[1] == "PresharedKey") shared = field[3]
        if (field[1] == "AllowedIPs") { allowed = field[3]; ranges = ranges " " allowed }
        if (field[1] == "PersistentKeepalive") keepalive = field[3]
      }
      close(conf)
      if (peer) wanted = wanted peer " " shared " " allowed " " keepalive "\n"
    }
    # Whether each of the ranges is inside one of the routes.
    function covers(routes, ranges,  route, range, r, w, covered, from, to) {
      split(routes, route, " ")
      split(ranges, range, " ")
      for (w in range) {
        parse(range[w]); from = first; to = last; covered = 0
        for (r in route) { parse(route[r]); if (first <= from && to <= last) covered = 1 }
        if (!covered) return 0
      }
      return 1
    }
    function same_lines(one, other,  lines, line, i, count) {
      count = split(one, lines, "\n")
      if (split(other, line, "\n") != count) return 0
      other = "\n" other
      for (i = 1; i < count; i++) if (!index(other, "\n" lines[i] "\n")) return 0
      return 1
    }
    END {
      for (i = 1; i <= count; i++) {
        each = name[i]
        read_conf("/etc/wireguard/" each ".conf")
        running = "private " private[each] "\n" (port_wanted ? "port " port[each] "\n" : "") peers[each]
        if (!(each in mtu)) print "start", each
        else if (state[each] != "active") print "again", each
        else if (mtu_wanted && mtu_wanted != mtu[each]) print "move", each
        else if (address[each] != address_wanted || !covers(routes[each], ranges)) print "move", each
        else if ((each in pending) || !same_lines(wanted, running)) {
          printf "%s", wanted > (stage "/" each ".wanted")
          printf "%s", running > (stage "/" each ".running")
          print "update", each
        }
      }
    }'
}

# synchronise NAME: tells the running interface what differs from its conf, and no more. 'wg syncconf' would take the
# allowed IPs of every peer away for a moment, and packets of peers that did not change would be lost.
synchronise() {
  old_key=$(wg show "$1" private-key)
  work="$stage/$1"
  {
    grep -vxFf "$work.running" "$work.wanted" | cut -d ' ' -f 1 || true
    [ ! -e "$home/interfaces/$1.pending" ] || moved_endpoints "$1"
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
