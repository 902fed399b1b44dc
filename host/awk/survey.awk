# Compares what runs with the confs in stage/confs: a line for each thing that is not so. "cut NAME KEY": that peer of an
# interface is not in the plan. Else "VERDICT NAME REASON": it is to start, to start again as its unit does not know of it, to
# move, which takes a restart, or to update; then stage/NAME.addition is what "wg addconf" is told, and stage/NAME.own_key says
# that the private key changes. The endpoint counts only where the conf is new ("### changed"): it may have roamed.
# Needs ranges.awk and conf.awk; "names" are the interfaces of the plan, "ours" those of the record.

BEGIN {
  count = split(names, name, " ")
  for (i = 1; i <= count; i++) wanted[name[i]] = 1
  own_count = split(ours, own, " ")
}

/^### / { section = $2; next }
section == "states" { state[name[++states]] = $1 }
section == "links" { sub(/[:@].*/, "", $2); mtu_now[$2] = $5; up[$2] = $3 ~ /[<,]UP[,>]/ }
section == "addresses" { address_now[$2] = address_now[$2] (address_now[$2] ? "," : "") $4 }
section == "routes" { for (i = 2; i < NF; i++) if ($i == "dev") routes[$(i + 1)] = routes[$(i + 1)] " " $1 }
section == "running" && NF == 5 { private_now[$1] = $2; port_now[$1] = $4 }
section == "running" && NF == 9 {
  running[$1] = running[$1] " " $2
  peer_now[$1, $2] = $3 " " $9
  allowed_now[$1, $2] = $5
  endpoint_now[$1, $2] = $4
}
section == "changed" { changed[$1] = 1 }

# The first range of the list that is inside none of the routes.
function uncovered(routes, ranges,  route, range, count, r, w, covered, from, to) {
  split(routes, route, " ")
  count = split(ranges, range, ",")
  for (w = 1; w <= count; w++) {
    parse(range[w]); from = first; to = last; covered = 0
    for (r in route) { parse(route[r]); if (first <= from && to <= last) covered = 1 }
    if (!covered) return range[w]
  }
  return ""
}

# Whether two lists, with commas, name the same, in any order.
function same_list(one, other,  item, i, items) {
  items = split(one, item, ",")
  if (split(other, item, ",") != items) return 0
  for (i = 1; i <= items; i++) if (!index("," one ",", "," item[i] ",")) return 0
  return 1
}

function peer_differs(each, i,  key) {
  key = peer_key[i]
  if (!((each SUBSEP key) in peer_now)) return 1
  if (peer_now[each, key] != shared_key[i] " " keepalive[i]) return 1
  if (!same_list(allowed[i], allowed_now[each, key])) return 1
  return (each in changed) && endpoint[i] != "" && endpoint[i] != endpoint_now[each, key]
}

# Sets "text" for "wg addconf", and "reason".
function compare(each,  i) {
  text = reason = ""
  if (private_key != private_now[each]) { text = text "PrivateKey = " private_key "\n"; reason = listed(reason, "its private key") }
  if (port != "" && port != port_now[each]) { text = text "ListenPort = " port "\n"; reason = listed(reason, "its port") }
  if (text) text = "[Interface]\n" text
  for (i = 1; i <= peers; i++) {
    if (!peer_differs(each, i)) continue
    reason = listed(reason, "the peer " peer_name[i])
    text = text "[Peer]\nPublicKey = " peer_key[i] "\n"
    if (shared_key[i] != "(none)") text = text "PresharedKey = " shared_key[i] "\n"
    text = text "AllowedIPs = " allowed[i] "\n"
    if (endpoint[i] != "") text = text "Endpoint = " endpoint[i] "\n"
    text = text "PersistentKeepalive = " (keepalive[i] == "off" ? 0 : keepalive[i]) "\n"
  }
}

function listed(some, one) {
  return some == "" ? one : some ", " one
}

# The address of the pair, which leads a peer's list. What follows it comes and goes without a restart (see network.sh).
function first_of(list) {
  sub(/,.*/, "", list)
  return list
}

# Those peers of an interface that run and are not among the wanted.
function cut_gone(each, known,  key, i) {
  split(running[each], key, " ")
  for (i in key) if (!index(known, " " key[i] " ")) print "cut", each, key[i]
}

END {
  for (i = 1; i <= own_count; i++) if (!(own[i] in wanted)) cut_gone(own[i], "")
  for (i = 1; i <= count; i++) {
    each = name[i]
    read_conf(stage "/confs/" each ".conf")
    known = " "
    ranges = ""
    for (j = 1; j <= peers; j++) { known = known peer_key[j] " "; ranges = ranges (j > 1 ? "," : "") first_of(allowed[j]) }
    cut_gone(each, known)
    if (!(each in mtu_now)) print "start", each, "it is not there"
    else if (state[each] != "active") print "again", each, "its unit is " state[each]
    else if (mtu && mtu != mtu_now[each]) print "move", each, "its MTU is " mtu_now[each]
    else if (!same_list(address, address_now[each])) print "move", each, "its address is " (address_now[each] ? address_now[each] : "gone")
    else if (!up[each]) print "move", each, "it is down"
    else if ((range = uncovered(routes[each], ranges)) != "") print "move", each, "its route to " range " is gone"
    else {
      compare(each)
      if (text == "") continue
      printf "%s", text > (stage "/" each ".addition")
      if (private_key != private_now[each]) print "" > (stage "/" each ".own_key")
      print "update", each, reason
    }
  }
}
