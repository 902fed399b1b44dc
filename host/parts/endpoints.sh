# endpoints: where each peer was last heard, kept across reboots and changes of keys, and endpoints that are names.
# After a reboot a listening server knows nobody's endpoint: its peers would notice after 15 seconds if they send, and after
# two minutes if they only keep alive. With the last endpoints it speaks first, and they are back at once.

# remember_endpoints NAME…: writes down, by peer name, the endpoints that these interfaces have now.
remember_endpoints() {
  local interface
  [ -d "$home/interfaces" ] || return 0
  for interface in $(endpoints remember "$*"); do
    put "$home/interfaces/$interface.endpoints" 600 < "$stage/$interface.endpoints"
  done
}

endpoints() {
  { wg show all dump 2> /dev/null || true; } |
    awk -v task="$1" -v names="$2" -v now="$(date +%s)" -v home="$home/interfaces" -v stage="$stage" "$awk_conf $awk_endpoints"
}

# restore_endpoints NAME: a peer without an endpoint gets the one that its name had, and is spoken to.
restore_endpoints() {
  local key endpoint
  [ -s "$home/interfaces/$1.endpoints" ] || return 0
  endpoints restore "$1" |
    while read -r key endpoint; do
      move_endpoint "$1" "$key" "$endpoint"
    done
}

# move_endpoint INTERFACE KEY ENDPOINT: the peer is there from now on, and is spoken to.
move_endpoint() {
  wg set "$1" peer "$2" endpoint "$3"
  speak_first "$1" "$2"
}

# change_endpoint INTERFACE KEY ENDPOINT: the same on an interface that has been in use. Of a wireguard-go that has sent to IPv4 the first packet
# to IPv6 by each processor goes astray (see "tell_families"). The peer has to hear one, or its next packet from where it is takes the endpoint back.
change_endpoint() {
  local times=0
  move_endpoint "$1" "$2" "$3"
  case "$3" in '['*) [ ! -S "/run/wireguard/$1.sock" ] || times=$(nproc) ;; esac
  while [ "$times" -gt 0 ]; do
    speak_first "$1" "$2"
    times=$((times - 1))
  done
}

# speak_first NAME KEYS: a handshake with each of these peers, now. Switching the keepalive on sends a packet.
speak_first() {
  local keepalive key
  keepalive=$(sed -n 's/^PersistentKeepalive = //p' "/etc/wireguard/$1.conf" | head -n 1)
  for key in $2; do
    wg set "$1" peer "$key" persistent-keepalive 0
    wg set "$1" peer "$key" persistent-keepalive 25
    wg set "$1" peer "$key" persistent-keepalive "${keepalive:-0}"
  done
}

# new_endpoints NAME…: a line "INTERFACE KEY ENDPOINT" for each that was among what is new of these interfaces.
new_endpoints() {
  local interface
  for interface; do
    [ ! -e "$stage/$interface.addition" ] ||
      awk -v name="$interface" '$1 == "PublicKey" { key = $3 } $1 == "Endpoint" { print name, key, $3 }' "$stage/$interface.addition"
  done
}

# hold_endpoints: moves the peers of such lines, and again until they are there. A packet that is on its way from where a peer was
# takes its endpoint back, as WireGuard lets a peer roam, and so does the next where many are on their way.
hold_endpoints() {
  local interface key endpoint tries=0
  tr ' ' '\t' | sort > "$stage/told"
  cp "$stage/told" "$stage/untold"
  while [ -s "$stage/untold" ] && [ "$tries" -lt 20 ]; do
    while read -r interface key endpoint; do
      change_endpoint "$interface" "$key" "$endpoint"
    done < "$stage/untold"
    tries=$((tries + 1))
    sleep 0.1
    wg show all endpoints | sort | comm -13 - "$stage/told" > "$stage/untold"
  done
}

# redial_strays: a peer that roamed, and is silent there, may be back where its conf has it. A relay in use is none of this.
redial_strays() {
  local interface key endpoint
  # shellcheck disable=SC2046 # names
  endpoints strays "$(recorded | grep -vxF "$(cut -d ' ' -f 1 "$home/relayed" 2> /dev/null || true)" | tr '\n' ' ')" > "$stage/strays"
  while read -r interface key endpoint; do
    change_endpoint "$interface" "$key" "$endpoint"
    changed "dialled $endpoint again on $interface, as its peer is silent where it has roamed to"
  done < "$stage/strays"
}

# resolve_names [FILE]: dials the endpoints that are names, of all interfaces or of those that begin a line of FILE. "names" has
# a line "INTERFACE HOST PORT" for each.
resolve_names() {
  local interface host port
  [ -e "$home/interfaces/names" ] || return 0
  while read -r interface host port; do
    [ -z "${1:-}" ] || grep -q "^$interface " "$1" || continue
    resolve_name "$interface" "$host" "$port"
  done < "$home/interfaces/names"
}

# resolve_name INTERFACE HOST PORT: what is dialled changes only when the name no longer yields it, and even then not while the
# peer answers from where it has roamed to; or where it brings no handshake and the name yields others, too.
resolve_name() {
  local key in_use last="$home/interfaces/$1.resolved"
  key=$(wg show "$1" peers 2> /dev/null) || return 0
  rm -f "$stage/inside"
  { timeout 5 getent ahosts "$2" || true; } |
    awk -v port="$3" -v ranges="$home/ranges" -v network="$home/network" -v inside="$stage/inside" "$awk_ranges $awk_answers" > "$stage/answers"
  if [ ! -s "$stage/answers" ]; then
    tell_no_answer "$1" "$2"
    return 0
  fi
  in_use=$(wg show "$1" endpoints | awk '{ print $2 }')
  if grep -qxF "$in_use" "$stage/answers"; then
    try_next "$1" "$2" "$key" "$in_use"
  elif [ "$in_use" = "(none)" ] || [ "$(sort "$stage/answers")" != "$(cat "$last" 2> /dev/null)" ] || ! is_alive "$1"; then
    changed "$2 is now at $(head -n 1 "$stage/answers")"
    dial "$1" "$key" "$(head -n 1 "$stage/answers")"
  fi
  sort "$stage/answers" | put "$last" 600
}

# dial INTERFACE KEY ENDPOINT: the file of those that were tried has the time of the last try.
dial() {
  mkdir -p "/run/fakevpc/$prefix"
  printf '%s\n' "$3" >> "/run/fakevpc/$prefix/$1.tried"
  change_endpoint "$1" "$2" "$3"
}

# try_next INTERFACE HOST KEY ENDPOINT: dials the next of several answers where that one has brought no handshake for five
# seconds, which is how often WireGuard itself tries. One round of them is told.
try_next() {
  local tried="/run/fakevpc/$prefix/$1.tried" next
  if is_alive "$1"; then
    rm -f "$tried"
    return 0
  fi
  next=$(awk -v in_use="$4" '
    NR == 1 { next_one = $0 }
    found { next_one = $0; exit }
    $0 == in_use { found = 1 }
    END { print next_one }' "$stage/answers")
  [ "$next" != "$4" ] || return 0
  if [ ! -e "$tried" ]; then
    mkdir -p "/run/fakevpc/$prefix"
    printf '%s\n' "$4" > "$tried"
  fi
  [ $(($(date +%s) - $(stat -c %Y "$tried"))) -ge 5 ] || return 0
  grep -qxF "$next" "$tried" || changed "$2 does not answer at $4: dialling $next"
  dial "$1" "$3" "$next"
}

# tell_no_answer INTERFACE HOST: there is nobody to dial, which an up tells; the watch asks again.
tell_no_answer() {
  [ "$step" = mesh ] || return 0
  if [ -e "$stage/inside" ]; then
    note "$2 yields an address of the mesh or of this server ($(head -n 1 "$stage/inside")), which $1 does not dial" "let the name yield the address at which others reach that server"
  else
    note "$2 has no address here, so $1 has nobody to dial yet" "look at the name and at /etc/resolv.conf; it is asked for again twice a minute"
  fi
}

# A session ends three minutes after its handshake.
is_alive() {
  [ $(($(date +%s) - $(wg show "$1" latest-handshakes | awk '{ print $2 }'))) -lt 180 ]
}

# tell_families: wireguard-go, which stands in for the kernel's WireGuard, sends what is for one IPv6 peer to another one each time that
# it has sent to an IPv4 peer in between.
tell_families() {
  [ -S "/run/wireguard/${prefix}s.sock" ] || return 0
  if wg show "${prefix}s" endpoints 2> /dev/null | awk '
    $2 ~ /^[0-9]/ { four = 1 }
    $2 ~ /^\[/ { sub(/:[0-9]+$/, "", $2); if (!seen[$2]++) six++ }
    END { exit !(four && six > 1) }'; then
    note "peers reach ${prefix}s by IPv4 and by IPv6, and WireGuard is a program here (wireguard-go), which then loses packets for those at IPv6" \
      "load WireGuard into the kernel ('modprobe wireguard', for a container on its host), or let this server's endpoint be an address of one family"
  fi
}
