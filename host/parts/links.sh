# links: a dialler that was ready before its listener loses its first message, and WireGuard waits five seconds before it tries
# again. So a dialler whose peer has never answered since the interface started begins anew, twice a second, until it does: in
# a unit of its own, as the run that started it ends long before a slow listener is there.

# begin_soon: starts that unit, or lets it go on for another ten minutes.
begin_soon() {
  local at_work=''
  [ -d "/run/fakevpc/$prefix" ] || mkdir -p "/run/fakevpc/$prefix"
  echo $(($(date +%s) + 600)) > "/run/fakevpc/$prefix/begin"
  # Each interface that starts comes by here, and systemd is slow to ask.
  [ ! -e "/run/fakevpc/$prefix/beginner" ] || read -r at_work < "/run/fakevpc/$prefix/beginner"
  if [ -n "$at_work" ] && kill -0 "$at_work" 2> /dev/null; then return 0; fi
  systemd-run --quiet --no-block --collect --unit="fakevpc-$prefix-begin.service" \
    --description="The first handshakes of the mesh $prefix (fakevpc)" --property=LogLevelMax=notice \
    /bin/sh "$home/host.sh" begin "$prefix" 2> /dev/null || true
}

# begin: what that unit runs. Each turn leaves more time than the one before, and now and then still more for a peer that is
# further away; and four times as long as it took, as a server with many peers that are dead has other things to do.
begin() {
  local until turn=0 pause=50 began
  echo $$ > "/run/fakevpc/$prefix/beginner"
  while :; do
    turn=$((turn + 1))
    [ $((turn % 8)) != 0 ] || pause=$((pause + 100))
    sleep "$((pause / 100)).$((pause / 10 % 10))"
    began=$(hundredths)
    silent_peers dialled > "$stage/silent"
    [ -s "$stage/silent" ] || return 0
    read -r until < "/run/fakevpc/$prefix/begin"
    [ "$(date +%s)" -lt "$until" ] || break
    (
      # A run that is at work may just take a peer away, which must not come back by this.
      exec 9< /var/lib
      flock --nonblock 9 || exit 0
      all_anew < "$stage/silent"
      # A name may have more than one address, and the first be one that nobody gets through to.
      [ $((turn % 4)) != 0 ] || resolve_names "$stage/silent"
    )
    pause=$((4 * ($(hundredths) - began)))
    [ "$pause" -gt $((50 + turn / 2)) ] || pause=$((50 + turn / 2))
    [ "$pause" -lt 500 ] || pause=500
  done
  echo "no peer has answered for ten minutes on: $(cut -d ' ' -f 1 "$stage/silent" | tr '\n' ' ')" >&2
}

# hundredths: of a second, since the machine started.
hundredths() {
  local now
  read -r now _ < /proc/uptime
  echo "${now%.*}${now#*.}"
}

# silent_peers dialled|all: a line "INTERFACE KEY SHARED-KEY ENDPOINT ALLOWED KEEPALIVE" for each peer without a handshake since
# its interface started.
silent_peers() {
  { wg show all dump 2> /dev/null || true; } |
    awk -v task="$1" -v names="$(recorded | tr '\n' ' ')" "$awk_conf $awk_silent"
}

# all_anew: the peers of such lines are taken away and added again, with all that their interfaces had of them and the endpoints
# in use; by one program each, as there may be many.
all_anew() {
  local interface key shared endpoint allowed keepalive
  while read -r interface key shared endpoint allowed keepalive; do
    printf '%s\n' "$shared" | wg set "$interface" peer "$key" remove \
      peer "$key" preshared-key /dev/stdin endpoint "$endpoint" allowed-ips "$allowed" persistent-keepalive "$keepalive"
    [ "$keepalive" != off ] || speak_first "$interface" "$key"
  done
}

# wait_for_links: a second at most, without the lock, for peers that have not answered yet; nobody is held up by one that
# is not there. It looks less and less often, as a look at many interfaces takes what they need to start.
wait_for_links() {
  local pause look=0
  flock --unlock 9
  for pause in 0.1 0.15 0.2 0.25 0.3; do
    silent_peers all > "$stage/silent"
    [ -s "$stage/silent" ] || return 0
    look=$((look + 1))
    # At first, and once more where all interfaces have had the time to start.
    if [ "$look" = 1 ] || [ "$look" = 4 ]; then
      [ -z "$(silent_peers dialled)" ] || begin_soon
    fi
    sleep "$pause"
  done
}
