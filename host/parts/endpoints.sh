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
    awk -v task="$1" -v names="$2" -v home="$home/interfaces" -v stage="$stage" "$awk_conf $awk_endpoints"
}

# restore_endpoints NAME: a peer without an endpoint gets the one that its name had, and is spoken to.
restore_endpoints() {
  local key endpoint
  [ -s "$home/interfaces/$1.endpoints" ] || return 0
  endpoints restore "$1" |
    while read -r key endpoint; do
      wg set "$1" peer "$key" endpoint "$endpoint"
      speak_first "$1" "$key"
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

# resolve_names: dials the endpoints that are names. "names" has a line "INTERFACE HOST PORT" for each. Its address changes
# only when the name no longer yields it, and even then not while the peer answers from where it has roamed to.
resolve_names() {
  local interface host port
  [ -e "$home/interfaces/names" ] || return 0
  while read -r interface host port; do
    resolve_name "$interface" "$host" "$port"
  done < "$home/interfaces/names"
}

resolve_name() {
  local key answer in_use last
  key=$(wg show "$1" peers 2> /dev/null) || return 0
  answer=$(timeout 5 getent ahosts "$2" | awk -v port="$3" '
    !seen[$1]++ { print ($1 ~ /:/ ? "[" $1 "]" : $1) ":" port }') || return 0
  [ -n "$answer" ] || return 0
  in_use=$(wg show "$1" endpoints | awk '{ print $2 }')
  last="$home/interfaces/$1.resolved"
  if ! printf '%s\n' "$answer" | grep -qxF "$in_use"; then
    if [ "$in_use" = "(none)" ] || [ "$(printf '%s\n' "$answer" | sort)" != "$(cat "$last" 2> /dev/null)" ] || ! is_alive "$1"; then
      wg set "$1" peer "$key" endpoint "$(printf '%s\n' "$answer" | head -n 1)"
      speak_first "$1" "$key"
      changed "$2 is now at $(printf '%s\n' "$answer" | head -n 1)"
    fi
  fi
  printf '%s\n' "$answer" | sort | put "$last" 600
}

# A session ends three minutes after its handshake.
is_alive() {
  [ $(($(date +%s) - $(wg show "$1" latest-handshakes | awk '{ print $2 }'))) -lt 180 ]
}
