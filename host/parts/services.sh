# services: what listens on 127.0.0.1 here is forwarded from the server's mesh addresses. $stage/socat has a line
# "NAME PORT ADDRESS" for each forwarder; those in the kernel are rules of the table.

services_apply() {
  local name port address
  # The record names what was and what will be, before either changes.
  { cat "$home/services" 2> /dev/null || true; cat "$stage/socat"; } | sort -u > "$stage/services"
  put "$home/services" 600 < "$stage/services"
  remove_forwarders "$stage/socat"
  starting=''
  while read -r name port address; do
    put_forwarder "$name" "$port" "$address"
  done < "$stage/socat"
  # shellcheck disable=SC2086 # units
  [ -z "$starting" ] || unit_do restart $starting
  put "$home/services" 600 < "$stage/socat"
  part listening check_forwarders
  part local check_services
}

# check_forwarders: a forwarder that was started need not listen.
check_forwarders() {
  local name port address tries=0
  [ -s "$stage/socat" ] || return 0
  # One that was started a moment ago has a second.
  until listens_all || [ "$tries" = 10 ] || [ -n "$dry" ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  listens_all || while read -r name port address; do
    why_no_forwarder "$name" "$port" "$address"
  done < "$stage/deaf"
}

# listens_all: whether each forwarder listens; $stage/deaf has those that do not.
listens_all() {
  ss -Hltnp > "$stage/listening"
  awk -v listening="$stage/listening" '
    BEGIN { while ((getline line < listening) > 0) { split(line, field, " "); if (line ~ /"socat"/) heard[field[4]] = 1 } }
    !(($3 ":" $2) in heard)' "$stage/socat" > "$stage/deaf"
  [ ! -s "$stage/deaf" ]
}

# why_no_forwarder NAME PORT ADDRESS
why_no_forwarder() {
  local unit="fakevpc-$prefix-$1-$2@$3.service" holder
  systemctl is-enabled --quiet "$unit" 2> /dev/null || return 0
  holder=$(awk -v port="$2" -v address="$3" '
    $4 == "0.0.0.0:" port || $4 == "*:" port || $4 == "[::]:" port || $4 == address ":" port' "$stage/listening" |
    sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | head -n 1)
  if [ -n "$holder" ]; then
    note "$holder listens at $3:$2 itself, so the forwarder of $1 cannot" "take $1 out of services, or let that program listen on 127.0.0.1 alone"
  elif [ -z "$dry" ] || systemctl show --property=NRestarts "$unit" | grep -qv '=0$'; then
    note "the forwarder of $1 at $3:$2 does not listen ($(journalctl --no-pager --quiet --output=cat --lines=20 --unit="$unit" | grep socat | tail -n 1))" "read 'journalctl -u $unit' on the server and mend the cause"
  fi
}

# check_services: a forwarder without the service that it is for.
check_services() {
  local name port
  [ -n "$dry" ] || return 0
  ss -Hltn | awk '{ print $4 }' > "$stage/local"
  while read -r name port; do
    awk -v port="$port" '$0 == "127.0.0.1:" port || $0 == "0.0.0.0:" port || $0 == "*:" port { found = 1 } END { exit !found }' "$stage/local" ||
      note "nobody listens on 127.0.0.1:$port, for the service $name" "start what serves $name"
  done < "$stage/served"
}

# put_forwarder NAME PORT ADDRESS: its unit, and whether it is among those that start.
put_forwarder() {
  local unit instance
  unit="fakevpc-$prefix-$1-$2@"
  instance="$unit$3.service"
  # freebind: the forwarder listens whether its interface is up yet or not. -t: a client that has said all, and so closed its
  # direction, is answered by a service that takes its time; socat alone would hang up after half a second.
  unit_put "$unit.service" << UNIT
[Unit]
Description=The service $1 of the mesh $prefix at %i:$2 (fakevpc)
StartLimitIntervalSec=0
After=network.target

[Service]
ExecStart=$(command -v socat) -t 600 TCP4-LISTEN:$2,bind=%i,freebind,fork,reuseaddr,backlog=128 TCP4:127.0.0.1:$2
Restart=always
RestartSec=1
DynamicUser=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE
ProtectHome=yes
SuccessExitStatus=143

[Install]
WantedBy=multi-user.target
UNIT
  [ "$put_changed" = no ] || renewed="$unit"
  unit_enable "$instance"
  # What is renewed anyway need not be asked, and what fails again and again is started by systemd.
  if [ "${renewed:-}" != "$unit" ]; then
    case "$(systemctl is-active "$instance")" in active | activating) return ;; esac
  fi
  starting="$starting $instance"
  changed "started the forwarder of $1 at $3:$2"
}

# remove_forwarders KEEP: every recorded forwarder that the file KEEP does not name.
remove_forwarders() {
  local name port address unit
  [ -e "$home/services" ] || return 0
  while read -r name port address; do
    ! grep -qxF "$name $port $address" "$1" || continue
    unit="fakevpc-$prefix-$name-$port@"
    unit_disable "$unit$address.service"
    grep -q "^$name $port " "$1" || unit_remove "$unit.service"
    changed "removed the forwarder of $name at $address:$port"
  done < "$home/services"
}

services_remove() {
  remove_forwarders /dev/null
  rm -f "$home/services"
}
