# lans: the networks behind this server that the others reach through it, one a line in $stage/lans. Forwarding is on for the
# mesh's interfaces and for the card of such a network alone, and only after the table; where it was off on that card, rules of
# the routing beside the table let nothing but the mesh through, so that a flushed table opens nothing. $home/cards records
# those cards.

# The places of our rules among those of the routing: after the server's own addresses, before all else.
lans_rule=5190

lans_apply() {
  local interface
  [ -s "$stage/lans" ] || [ -e "$home/lans" ] || return 0
  if [ ! -s "$stage/lans" ] || ! cmp -s "$stage/lans" "$home/lans"; then lans_close; fi
  if [ ! -s "$stage/lans" ]; then
    while read -r interface; do
      forward_as_usual "$interface"
    done < "$stage/interfaces"
    act rm -f "$home/lans"
    return 0
  fi
  put "$home/lans" 600 < "$stage/lans"
  lans_restore
}

# lans_restore: what is missing of what the plan's networks need.
lans_restore() {
  local network card interface
  [ -s "$stage/lans" ] || return 0
  while read -r interface; do
    forward_on "$interface"
  done < "$stage/interfaces"
  while read -r network; do
    card=$(card_of "$network")
    [ -n "$card" ] || die "no card of this server leads to $network: take it out of 'routes', or connect the server to it"
    if ! says "/proc/sys/net/ipv4/conf/$card/forwarding" 1 || grep -qsxF "$card" "$home/cards"; then
      lans_guard "$card"
    fi
    forward_on "$card"
    lans_pass "$network"
  done < "$stage/lans"
}

# card_of NETWORK: the card by which the server itself reaches it.
card_of() {
  ip -4 route get "${1%/*}" 2> /dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }' | grep -vxFf "$stage/interfaces" || true
}

forward_on() {
  local switch="/proc/sys/net/ipv4/conf/$1/forwarding"
  if [ ! -e "$switch" ] || says "$switch" 1; then return 0; fi
  [ -n "$dry" ] || echo 1 > "$switch"
  changed "switched forwarding on for $1"
}

# forward_as_usual INTERFACE: as the system has it for every new one.
forward_as_usual() {
  local switches=/proc/sys/net/ipv4/conf usual
  usual=$(cat "$switches/default/forwarding")
  if [ ! -e "$switches/$1" ] || says "$switches/$1/forwarding" "$usual"; then return 0; fi
  [ -n "$dry" ] || echo "$usual" > "$switches/$1/forwarding"
  changed "switched forwarding off for $1"
}

# lans_guard CARD: what comes by the card goes to the mesh, or nowhere.
lans_guard() {
  local range
  if [ -z "$dry" ]; then
    { cat "$home/cards" 2> /dev/null || true; echo "$1"; } | sort -u > "$stage/cards"
    put "$home/cards" 600 < "$stage/cards"
  fi
  ip -4 rule show > "$stage/rules.now"
  while read -r range; do
    grep -q "from all to $range iif $1 lookup main" "$stage/rules.now" || lans_rule_add "$1" "$lans_rule" to "$range" lookup main
  done << RANGES
$(grep -vxFf "$stage/lans" "$stage/ranges")
RANGES
  grep -q "from all iif $1 prohibit" "$stage/rules.now" || lans_rule_add "$1" $((lans_rule + 1)) prohibit
}

lans_rule_add() {
  local card="$1" place="$2"
  shift 2
  act ip -4 rule add iif "$card" "$@" priority "$place"
  changed "let $card forward to the mesh alone: $*"
}

# lans_pass NETWORK: another firewall that drops what is forwarded is told of exactly this, where it may be told at all.
lans_pass() {
  local rule
  nft list chain ip filter FORWARD 2> /dev/null | grep -q 'policy drop' || return 0
  for rule in "-i ${prefix}+ -d $1" "-o ${prefix}+ -s $1 -m conntrack --ctstate ESTABLISHED,RELATED"; do
    # shellcheck disable=SC2086 # words
    ! iptables -w -C FORWARD $rule -j ACCEPT 2> /dev/null || continue
    [ -s "$stage/rules" ] ||
      die "a firewall here drops what is forwarded, so $1 stays closed: add 'iptables -I FORWARD $rule -j ACCEPT' to it, or set openFirewall"
    # shellcheck disable=SC2086
    act iptables -w -I FORWARD $rule -j ACCEPT
    changed "let the firewall forward: $rule"
  done
}

# lans_close: forwarding is off again where it was, and our rules are gone.
lans_close() {
  local card network rule
  if [ -e "$home/cards" ]; then
    while read -r card; do
      [ -n "$dry" ] || [ ! -e "/proc/sys/net/ipv4/conf/$card/forwarding" ] || echo 0 > "/proc/sys/net/ipv4/conf/$card/forwarding"
      ip -4 rule show | awk -v card="$card" -v first="$lans_rule:" -v last="$((lans_rule + 1)):" '
        $1 == first || $1 == last { for (i = 2; i < NF; i++) if ($i == "iif" && $(i + 1) == card) { sub(/^[0-9]+:[ \t]*/, ""); print; next } }' |
        while read -r rule; do
          # shellcheck disable=SC2086
          act ip -4 rule delete $rule
        done
      changed "switched forwarding off for $card"
    done < "$home/cards"
    act rm -f "$home/cards"
  fi
  [ -e "$home/lans" ] || return 0
  while read -r network; do
    for rule in "-i ${prefix}+ -d $network" "-o ${prefix}+ -s $network -m conntrack --ctstate ESTABLISHED,RELATED"; do
      # shellcheck disable=SC2086
      [ -n "$dry" ] || iptables -w -D FORWARD $rule -j ACCEPT 2> /dev/null || true
    done
  done < "$home/lans"
}

lans_remove() {
  lans_close
  rm -f "$home/lans"
}
