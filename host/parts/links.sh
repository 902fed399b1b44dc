# links: a dialler that was ready before its listener loses its first message, and WireGuard waits five seconds before it tries
# again. So a dialler whose peer has never answered since the interface started begins anew, twice a second, until it does: in
# a unit of its own, as the run that started it ends long before a slow listener is there.

# begin_soon: starts that unit, or lets it go on for another ten minutes.
begin_soon() {
  mkdir -p "/run/fakevpc/$prefix"
  echo $(($(date +%s) + 600)) > "/run/fakevpc/$prefix/begin"
  systemctl is-active --quiet "fakevpc-$prefix-begin.service" ||
    systemd-run --quiet --no-block --collect --unit="fakevpc-$prefix-begin.service" \
      --description="The first handshakes of the mesh $prefix (fakevpc)" --property=LogLevelMax=notice \
      /bin/sh "$home/host.sh" begin "$prefix" 2> /dev/null || true
}

# begin: what that unit runs. Now and then it leaves more time, for a peer that is further away.
begin() {
  local until turn=0 pause interface key
  while :; do
    turn=$((turn + 1)) pause=0.5
    [ $((turn % 8)) != 0 ] || pause=1.5
    sleep "$pause"
    silent_peers dialled > "$stage/silent"
    [ -s "$stage/silent" ] || return 0
    read -r until < "/run/fakevpc/$prefix/begin"
    [ "$(date +%s)" -lt "$until" ] || break
    (
      # A run that is at work may just take a peer away, which must not come back by this.
      exec 9< /var/lib
      flock --nonblock 9 || exit 0
      while read -r interface key; do
        begin_anew "$interface" "$key"
      done < "$stage/silent"
    )
  done
  echo "no peer has answered for ten minutes on: $(cut -d ' ' -f 1 "$stage/silent" | tr '\n' ' ')" >&2
}

# silent_peers dialled|all: a line "INTERFACE KEY" for each peer without a handshake since its interface started.
silent_peers() {
  { wg show all dump 2> /dev/null || true; } |
    awk -v task="$1" -v names="$(recorded | tr '\n' ' ')" "$awk_conf $awk_silent"
}

# begin_anew INTERFACE KEY: the peer is taken away and added again, with all that the interface had of it, and the endpoint
# in use.
begin_anew() {
  wg showconf "$1" | awk -v key="PublicKey = $2" 'BEGIN { RS = "" } index($0 "\n", key "\n")' > "$stage/peer"
  [ -s "$stage/peer" ] || return 0
  wg set "$1" peer "$2" remove
  # shellcheck disable=SC2002 # a confined 'wg' reads a pipe, and no file of ours
  cat "$stage/peer" | wg addconf "$1" /dev/stdin
  grep -q '^PersistentKeepalive' "$stage/peer" || speak_first "$1" "$2"
}

# wait_for_links: a second at most, without the lock, for peers that have not answered yet; nobody is held up by one that
# is not there.
wait_for_links() {
  local tries=0
  flock --unlock 9
  while [ "$tries" -lt 10 ]; do
    silent_peers all > "$stage/silent"
    [ -s "$stage/silent" ] || return 0
    case "$tries" in
      0 | 5) [ -z "$(silent_peers dialled)" ] || begin_soon ;;
    esac
    tries=$((tries + 1))
    sleep 0.1
  done
}
