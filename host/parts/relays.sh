# relays: this server hands on encrypted packets between two of its tunnels, and dials those whom it reaches by a relay alone.
# $stage/relays has a line "NAME PORT ADDRESS RANGE TARGET" for each server that it hands on to; $stage/relayed has
# "INTERFACE RELAY,RELAY…" for each that it reaches so, in the order in which relays are tried.

# Seconds after which a failed first relay is tried again; each failed return doubles them, up to the second.
relay_pause=120
relay_pause_most=3600

# Seconds between two looks, at least: WireGuard alone takes ten to answer.
relay_patience=15

relays_apply() {
  local name port address range target
  { cat "$home/relays" 2> /dev/null || true; cut -d ' ' -f 1 "$stage/relays"; } | sort -u > "$stage/relays.record"
  [ ! -s "$stage/relays.record" ] || put "$home/relays" 600 < "$stage/relays.record"
  relays_drop "$stage/relays"
  : > "$stage/relaying"
  while read -r name port address range target; do
    relay_start "$name" "$port" "$address" "$range" "$target"
  done < "$stage/relays"
  cut -d ' ' -f 1 "$stage/relays" > "$stage/relays.record"
  [ ! -e "$home/relays" ] || put "$home/relays" 600 < "$stage/relays.record"
  if [ -s "$stage/relayed" ] || [ -e "$home/relayed" ]; then put "$home/relayed" 600 < "$stage/relayed"; fi
  part relaying check_relays
}

# relay_start NAME PORT ADDRESS RANGE TARGET: by a socat for each, so that nothing can be handed on that should not be. A
# session's process ends after three minutes without a packet, as WireGuard's own session does.
relay_start() {
  local unit
  unit=$(relay_unit "$1")
  socat_unit "The relay of the mesh $prefix to $1" \
    "ExecStart=$(command -v socat) -T 180 UDP4-LISTEN:$2,bind=$3,freebind,range=$4,fork,reuseaddr,max-children=64 UDP4:$5" > "$stage/unit"
  unit_put "$unit" < "$stage/unit"
  unit_enable "$unit"
  if [ "$put_changed" = yes ]; then
    unit_do restart "$unit"
  else
    case "$dry$(systemctl is-active "$unit")" in
      active | yesactive | yesactivating) return 0 ;; # what fails again and again is told later
    esac
    unit_do start "$unit"
  fi
  printf '%s\n' "$1" >> "$stage/relaying"
  changed "started the relay to $1 at $3:$2"
}

# check_relays: a relay that was started need not listen. It has some seconds.
check_relays() {
  local name port address verdict holder tries=0
  [ -s "$stage/relays" ] || return 0
  judge --udp "$stage/relays"
  while [ -z "$dry" ] && [ "$tries" -lt 20 ] && grep -qv '^runs\|^itself' "$stage/listeners"; do
    tries=$((tries + 1))
    sleep 0.25
    judge --udp "$stage/relays"
  done
  while read -r verdict name port address holder; do
    # A dry run has told that it would start this one.
    if [ -n "$dry" ] && grep -qxF "$name" "$stage/relaying"; then continue; fi
    case "$verdict" in
      runs) ;;
      itself) complain "$holder has the UDP port of the relay to $name at $address:$port" "end that program there" ;;
      *) cannot "the relay to $name at $address:$port does not listen" "$(relay_unit "$name")" ;;
    esac
  done < "$stage/listeners"
}

relay_unit() {
  echo "fakevpc-$prefix-relay-$1.service"
}

# relays_drop KEEP: every recorded relay that the file KEEP does not name.
relays_drop() {
  local name
  [ -e "$home/relays" ] || return 0
  while read -r name; do
    ! grep -q "^$name " "$1" || continue
    unit_remove "$(relay_unit "$name")"
    changed "removed the relay to $name"
  done < "$home/relays"
}

relays_remove() {
  relays_drop /dev/null
  rm -f "$home/relays" "$home/relayed"
}

# relays_watch: a relay by which nothing came back since the last look is left for the next one.
relays_watch() {
  local interface relays
  [ -s "$home/relayed" ] || return 0
  mkdir -p "/run/fakevpc/$prefix"
  while read -r interface relays; do
    relay_watch "$interface" "$relays"
  done < "$home/relayed"
}

# relay_watch INTERFACE RELAYS: $file keeps what came and went until the last look, when the first relay is tried again, the
# pause before the next return, whether the way by the first one is a return, and when that look was.
relay_watch() {
  local file="/run/fakevpc/$prefix/$1.relay" first="${2%%,*}" key in_use came went came_then=0 went_then=0
  local return_at=0 pause=$relay_pause returned=no looked='' now next
  read -r key came went << TRANSFER || return 0
$(wg show "$1" transfer 2> /dev/null)
TRANSFER
  now=$(($(hundredths) / 100))
  [ ! -e "$file" ] || read -r came_then went_then return_at pause returned looked < "$file"
  # What the last look asked is answered by then.
  [ -z "$looked" ] || [ $((now - looked)) -ge "$relay_patience" ] || return 0
  in_use=$(wg show "$1" endpoints | awk '{ print $2 }')
  # An interface that was started since then counts from nothing, and has its first look.
  [ "$came" -ge "$came_then" ] && [ "$went" -ge "$went_then" ] || came_then=0 looked=''
  if [ -n "$looked" ] && [ "$went" -gt "$went_then" ] && [ "$came" = "$came_then" ]; then
    next=$(relay_after "$in_use" "$2")
    if [ "$in_use" = "$first" ]; then
      [ "$returned" = no ] || pause=$((pause * 2 > relay_pause_most ? relay_pause_most : pause * 2))
      return_at=$((now + pause)) returned=no
    fi
    [ "$next" = "$in_use" ] || relay_move "$1" "$key" "$next"
  elif [ "$in_use" = "$first" ]; then
    [ "$came" = "$came_then" ] || pause=$relay_pause returned=no
  elif [ "$now" -ge "$return_at" ] && ping -n -q -c 1 -W 1 "${first%:*}" > /dev/null 2>&1; then
    returned=yes
    relay_move "$1" "$key" "$first"
  fi
  printf '%s %s %s %s %s %s\n' "$came" "$went" "$return_at" "$pause" "$returned" "$now" > "$file"
  relay_ask "$1"
}

# relay_ask INTERFACE: what the next look finds an answer to, as a keepalive gets none. Where the peer drops pings WireGuard
# answers by itself.
relay_ask() {
  local address
  address=$(wg show "$1" allowed-ips | awk '{ sub("/.*", "", $2); print $2 }')
  ping -n -q -c 1 -W 1 "$address" > /dev/null 2>&1 || true
}

# relay_after RELAY RELAYS: the one that follows in the list, or the first.
relay_after() {
  printf '%s\n' "$2" | awk -v used="$1" '{ count = split($0, relay, ","); for (i = 1; i < count; i++) if (relay[i] == used) { print relay[i + 1]; exit }; print relay[1] }'
}

relay_move() {
  printf '%s %s %s\n' "$1" "$2" "$3" | hold_endpoints
  changed "goes by the relay ${3%:*} on $1"
}
