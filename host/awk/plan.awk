# Expands a plan into what it means, as files in the directory "stage": mesh, keys, hosts, confs/NAME.conf, interfaces (their
# names), names (endpoints to look up), ranges, served (services), socat (forwarders), rules (of a firewall), network
# and routes (see network.sh), relays and relayed (see relays.sh),
# lans (see lans.sh), table.nft, itself (addresses and ports that no rule forwards, as something listens there itself). A plan that
# makes no sense leaves the reason in "wrong". Needs ranges.awk and sockets.awk; "prefix" names the mesh, the file "sockets" has
# what listens, and "forwarders" the services whose socat does.

function wrong(text) {
  print text > (stage "/wrong")
  failed = 1
  exit 1
}

function to(name, text) {
  print text > (stage "/" name)
}

# A line with the values of its {…}.
function filled(line,  name) {
  while (match(line, /\{[^}]*\}/)) {
    name = substr(line, RSTART + 1, RLENGTH - 2)
    if (!(name in values)) wrong("the plan has no value of {" name "}: this is a fault of fakevpc, please tell its maintainers")
    line = substr(line, 1, RSTART - 1) values[name] substr(line, RSTART + RLENGTH)
  }
  return line
}

function key_of(name) {
  if (!(name in keys)) wrong("the plan has no " name ": this is a fault of fakevpc, please tell its maintainers")
  return keys[name]
}

# The words of a line from the place START on, in pairs, as option[NAME]; each NAME must be one of the known.
function read_options(start, known,  i) {
  split("", option)
  for (i = start; i <= words; i += 2) {
    if (!index(" " known " ", " " word[i] " ")) unknown(word[i])
    option[word[i]] = word[i + 1]
  }
}

function unknown(text) {
  wrong("the plan says \"" text "\" under \"" section "\", which this host program does not know: run again with the version of fakevpc that made the plan")
}

function listed(some, one) {
  return some == "" ? one : some ", " one
}

function hook(verb) {
  return "sh /var/lib/fakevpc/" prefix "/host.sh " verb " " prefix " %i || true"
}

function begin_interface(  name) {
  name = word[2]
  read_options(4, "port mtu")
  interface = name
  conf = "confs/" name ".conf"
  to("interfaces", name)
  to(conf, "# fakevpc " prefix ": written by Pulumi, change it there")
  to(conf, "[Interface]")
  to(conf, "Address = " word[3])
  if ("port" in option) to(conf, "ListenPort = " option["port"])
  if ("mtu" in option) to(conf, "MTU = " option["mtu"])
  to(conf, "PrivateKey = " key_of("private key"))
  # A tunnel without what the hooks add to it is better than none.
  to(conf, "PostUp = " hook("started"))
  to(conf, "PreDown = " hook("stopping"))
  if ("port" in option) ports[++port_count] = option["port"]
  cards[++card_count] = name
  split(word[3], half, "/")
  addresses[++address_count] = half[1]
  # The network of a /32 is the one that its peer listens in.
  parse(half[2] == 32 ? half[1] "/24" : word[3])
  to("ranges", dotted(first) "/" (half[2] == 32 ? 24 : half[2]))
  sources = listed(sources, dotted(first) "/" (half[2] == 32 ? 24 : half[2]))
  if (half[2] != 32) destinations = listed(destinations, dotted(first) "/" half[2])
  own_first = half[2] == 32 ? -1 : first
  own_last = last
}

function add_peer(  host, at) {
  if (interface == "") unknown($0)
  read_options(4, "endpoint keepalive mtu relays")
  ways = split(word[3], way, ",")
  add_routes()
  add_networks_behind()
  to(conf, "")
  to(conf, "[Peer]")
  to(conf, "# " word[2])
  to(conf, "PublicKey = " key_of("public key of " word[2]))
  to(conf, "PresharedKey = " key_of("preshared key of " word[2]))
  to(conf, "AllowedIPs = " word[3])
  if ("endpoint" in option) {
    match(option["endpoint"], /:[0-9]+$/)
    host = substr(option["endpoint"], 1, RSTART - 1)
    # wg-quick would wait for a name for ever, with the interface down; names are looked up beside it.
    if (host ~ /^\[/ || host ~ /^[0-9.]+$/) to(conf, "Endpoint = " option["endpoint"])
    else to("names", interface " " host " " substr(option["endpoint"], RSTART + 1))
  }
  if ("keepalive" in option) to(conf, "PersistentKeepalive = " option["keepalive"])
  if ("relays" in option) to("relayed", interface " " option["relays"])
  parse(way[1])
  if (first < own_first || last > own_last || own_first < 0) destinations = listed(destinations, half_of(way[1]))
}

# Networks behind the peer, which are neither its pair's address nor one of those that are the same for everybody.
function add_networks_behind(  i) {
  for (i = 2; i <= ways; i++) {
    if (way[i] ~ /:/ || way[i] ~ /\/32$/) continue
    to("ranges", way[i])
    destinations = listed(destinations, way[i])
  }
}

# The ways that differ from those of wg-quick: with a source, or for smaller packets than the interface's.
function add_routes(  i, family) {
  for (i = 1; i <= ways; i++) {
    family = way[i] ~ /:/ ? 6 : 4
    if (i == 1 && !("mtu" in option)) continue
    to("routes", interface " " way[i] " " (i > 1 && family in stable ? stable[family] : "-") " " ("mtu" in option ? option["mtu"] : "-"))
  }
}

# A network behind this server, which the others reach through it.
function add_lan(network, mode) {
  to("lans", network)
  lans = listed(lans, network)
  if (mode == "masquerade") masked = listed(masked, network)
}

# An address of the server that is the same for everybody, or the range of all of them.
function add_network(kind, text,  family) {
  family = text ~ /:/ ? 6 : 4
  if (kind == "address") stable[family] = text
  else range[family] = text
  to("network", kind " " text)
  if (kind != "range" || family != 4) return
  to("ranges", text)
  sources = listed(sources, text)
}

# A range of one address without its /32.
function half_of(range) {
  sub(/\/32$/, "", range)
  return range
}

BEGIN {
  sections = " mesh keys values settings interfaces hosts services relays end "
  split("mesh keys hosts interfaces names ranges served socat rules network routes relays relayed lans table.nft itself", files, " ")
  for (i in files) printf "" > (stage "/" files[i])
  while (forwarders && (getline line < forwarders) > 0) { split(line, word, " "); by_socat[word[2]] = 1 }
  while (sockets && (getline line < sockets) > 0) {
    split(line, word, " ")
    if (!(port_of(word[4]) in by_socat)) heard[address_of(word[4]), port_of(word[4])] = 1
  }
}

/^### / {
  section = $2
  if (!index(sections, " " section " ")) wrong("the plan has a section \"" section "\", which this host program does not know: run again with the version of fakevpc that made the plan")
  if (section == "end") ended = 1
  next
}

section == "mesh" { to("mesh", $0) }

section == "keys" || section == "values" {
  at = index($0, "=")
  if (section == "keys") {
    keys[substr($0, 1, at - 1)] = substr($0, at + 1)
    to("keys", $0)
  } else values[substr($0, 1, at - 1)] = substr($0, at + 1)
}

section == "interfaces" {
  words = split(filled($0), word, " ")
  if (word[1] == "interface") begin_interface()
  else if (word[1] == "peer") add_peer()
  else unknown(word[1])
}

section == "hosts" { to("hosts", filled($0)) }

section == "relays" { to("relays", filled($0)) }

section == "services" {
  to("served", $1 " " $2)
  if ($3 == "socat") socat[++socat_count] = $1 " " $2
  else if ($3 == "nftables") kernel[++kernel_count] = $2
  else unknown($3)
}

section == "settings" {
  words = split(filled($0), word, " ")
  if ($0 == "open-firewall") opening = 1
  else if (word[1] == "address" || word[1] == "range") add_network(word[1], word[2])
  else if (word[1] == "lan") add_lan(word[2], word[3])
  else unknown($0)
}

END {
  if (failed) exit 1
  if (!ended || !card_count) wrong("the plan did not arrive whole: run again")
  for (i = 1; i <= card_count; i++) quoted = listed(quoted, "\"" cards[i] "\"")
  if (4 in stable) addresses[++address_count] = stable[4]
  for (i = 1; i <= address_count; i++) own = listed(own, addresses[i])
  if (4 in range) destinations = listed(destinations, range[4])
  if (opening) {
    for (i = 1; i <= port_count; i++) to("rules", "port " ports[i])
    for (i = 1; i <= card_count; i++) to("rules", "interface " cards[i])
  }
  for (i = 1; i <= socat_count; i++) {
    for (j = 1; j <= address_count; j++) to("socat", socat[i] " " addresses[j])
    if (6 in stable) to("socat", socat[i] " " stable[6])
  }
  write_table()
}

# Linux answers for any of its addresses on any interface, and sends what has no route of its own by the default one. So
# what is for a mesh address comes in by the mesh alone, and leaves by it alone, also while a tunnel is down. The rest of
# 127/8 stays closed, though forwarding to 127.0.0.1 opens it on these interfaces.
function write_table(  name) {
  name = "table inet fakevpc_" prefix
  to("table.nft", name "\ndelete " name "\n" name " {")
  to("table.nft", "chain isolation_in {\n  type filter hook prerouting priority raw; policy accept;")
  to("table.nft", "  iifname != { \"lo\", " quoted " } ip daddr { " own " } drop")
  if (6 in stable) to("table.nft", "  iifname != { \"lo\", " quoted " } ip6 daddr " stable[6] " drop")
  to("table.nft", "  iifname { " quoted " } ip daddr 127.0.0.0/8 drop\n}")
  to("table.nft", "chain isolation_out {\n  type filter hook postrouting priority raw; policy accept;")
  to("table.nft", "  oifname != { \"lo\", " quoted " } ip daddr { " destinations " } drop")
  if (6 in range) to("table.nft", "  oifname != { \"lo\", " quoted " } ip6 daddr " range[6] " drop")
  to("table.nft", "}")
  if (kernel_count) write_forwarders()
  if (lans) write_lans()
  to("table.nft", "}")
}

# What comes from a peer, and what the server itself sends to one of its mesh addresses.
function write_forwarders(  i) {
  for (i = 1; i <= kernel_count; i++) add_rule(kernel[i])
  to("table.nft", "chain forward_in {\n  type nat hook prerouting priority dstnat; policy accept;")
  for (i = 1; i <= rule_count; i++) to("table.nft", "  iifname { " quoted " } " rules[i])
  # -100 is dstnat, a name that nftables 1.0.6 does not take here.
  to("table.nft", "}\nchain forward_own {\n  type nat hook output priority -100; policy accept;")
  for (i = 1; i <= rule_count; i++) to("table.nft", "  " rules[i])
  to("table.nft", "}")
}

# A service that listens on one of the addresses by itself would be out of reach there.
function add_rule(port,  i, left) {
  for (i = 1; i <= address_count; i++) {
    if ((addresses[i], port) in heard) to("itself", addresses[i] " " port)
    else left = listed(left, addresses[i])
  }
  if (left) rules[++rule_count] = "ip daddr { " left " } tcp dport { " port " } dnat ip to 127.0.0.1"
}

# Exactly what comes by the mesh for those networks is forwarded, and the answers to it.
function write_lans() {
  to("table.nft", "chain lans {\n  type filter hook forward priority filter; policy accept;")
  to("table.nft", "  iifname { " quoted " } ip daddr { " lans " } accept")
  to("table.nft", "  oifname { " quoted " } ip saddr { " lans " } ct state established,related accept")
  to("table.nft", "  iifname { " quoted " } drop\n  oifname { " quoted " } drop\n}")
  if (!masked) return
  to("table.nft", "chain lans_out {\n  type nat hook postrouting priority srcnat; policy accept;")
  to("table.nft", "  ip saddr { " sources " } ip daddr { " masked " } masquerade\n}")
}
