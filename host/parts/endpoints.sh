# endpoints: where each peer was last heard, kept across reboots and changes of keys, and endpoints that are names.
# After a reboot a listening server knows nobody's endpoint: its peers would notice after 15 seconds if they send, and after
# two minutes if they only keep alive. With the last endpoints it speaks first, and they are back at once.

# remember_endpoints NAME…: writes down, by peer name, the endpoints that these interfaces have now.
remember_endpoints() {
  [ -d "$home/interfaces" ] || return 0
  # "wg show all endpoints" names an interface only in front of its first peer.
  moved=$({ wg show all dump 2> /dev/null || true; } | awk -v names="$*" -v home="$home/interfaces" '
    NF == 9 { heard[$1, $2] = $4 }
    END {
      count = split(names, name, " ")
      for (i = 1; i <= count; i++) {
        file = home "/" name[i] ".endpoints"
        conf = "/etc/wireguard/" name[i] ".conf"
        split("", endpoint)
        before = after = ""
        while ((getline line < file) > 0) { before = before line "\n"; split(line, old, " "); endpoint[old[1]] = old[2] }
        while ((getline line < conf) > 0) {
          if (line ~ /^# /) peer = substr(line, 3)
          if (line !~ /^PublicKey = /) continue
          now = heard[name[i], substr(line, 13)]
          if (now != "" && now != "(none)") endpoint[peer] = now
          if (peer in endpoint) after = after peer " " endpoint[peer] "\n"
        }
        if (after == before) continue
        printf "%s", after > (file ".fakevpc")
        print file
      }
    }')
  for file in $moved; do
    sync "$file.fakevpc"
    mv -f "$file.fakevpc" "$file"
  done
}

# restore_endpoints NAME: a peer without an endpoint gets the one that its name had, and is spoken to.
restore_endpoints() {
  file="$home/interfaces/$1.endpoints"
  [ -s "$file" ] || return 0
  wg show "$1" endpoints | awk -v conf="/etc/wireguard/$1.conf" -v file="$file" '
    BEGIN {
      while ((getline line < file) > 0) { split(line, old, " "); endpoint[old[1]] = old[2] }
      while ((getline line < conf) > 0) {
        if (line ~ /^# /) name = substr(line, 3)
        if (line ~ /^PublicKey = /) peer[substr(line, 13)] = name
      }
    }
    $2 == "(none)" && (peer[$1] in endpoint) { print $1, endpoint[peer[$1]] }' |
    while read -r key endpoint; do
      wg set "$1" peer "$key" endpoint "$endpoint"
      speak_first "$1" "$key"
    done
}

# speak_first NAME KEYS: a handshake with each of these peers, now. Switching the keepalive on sends a packet.
speak_first() {
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
  [ -e "$home/interfaces/names" ] || return 0
  while read -r interface host port; do
    resolve_name "$interface" "$host" "$port"
  done < "$home/interfaces/names"
}

resolve_name() {
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

# watch: what the timer runs. A step that runs at the moment does the same itself.
watch() {
  exec 9< /var/lib
  flock --nonblock 9 || return 0
  # shellcheck disable=SC2046 # names
  remember_endpoints $(names_of "$home"/interfaces/*.conf)
  resolve_names
}

watch_put() {
  unit_put "fakevpc-$prefix-watch.service" << UNIT
[Unit]
Description=The endpoints of the mesh $prefix (fakevpc)
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh $home/host.sh watch $prefix
LogLevelMax=notice
UNIT
  unit_put "fakevpc-$prefix-watch.timer" << UNIT
[Unit]
Description=The endpoints of the mesh $prefix, twice a minute (fakevpc)

[Timer]
OnBootSec=10
OnUnitActiveSec=30
AccuracySec=1

[Install]
WantedBy=timers.target
UNIT
  unit_enable "fakevpc-$prefix-watch.timer"
  systemctl is-active --quiet "fakevpc-$prefix-watch.timer" || unit_do start "fakevpc-$prefix-watch.timer"
}

watch_remove() {
  unit_remove "fakevpc-$prefix-watch.timer"
  unit_remove "fakevpc-$prefix-watch.service"
}
