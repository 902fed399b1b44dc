# services: what listens on 127.0.0.1 here is forwarded from the server's mesh addresses. Standard input has the sections
# "### socat", with a line "NAME PORT ADDRESS" for each forwarder, and "### forward.nft" for those in the kernel.

services_apply() {
  claim
  make_stage
  split_sections
  if ! [ -e "$stage/socat" ] || ! [ -e "$stage/forward.nft" ]; then
    die "the plan did not arrive whole: run again"
  fi
  # The record names what was and what will be, before either changes.
  { cat "$home/services" 2> /dev/null || true; cat "$stage/socat"; } | sort -u | put "$home/services" 600
  remove_forwarders "$stage/socat"
  while read -r name port address; do
    start_forwarder "$name" "$port" "$address"
  done < "$stage/socat"
  put "$home/services" 600 < "$stage/socat"
  firewall_part forward "$stage/forward.nft"
}

start_forwarder() {
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
  if [ "${renewed:-}" = "$unit" ]; then
    unit_do restart "$instance"
    changed "started the forwarder of $1 at $3:$2"
  elif ! systemctl is-active --quiet "$instance"; then
    unit_do start "$instance"
    changed "started the forwarder of $1 at $3:$2"
  fi
}

# remove_forwarders KEEP: every recorded forwarder that the file KEEP does not name.
remove_forwarders() {
  [ -e "$home/services" ] || return 0
  while read -r name port address; do
    ! grep -qxF "$name $port $address" "$1" || continue
    unit="fakevpc-$prefix-$name-$port@"
    unit_disable "$unit$address.service"
    grep -q "^$name $port " "$1" || unit_remove "$unit.service"
    changed "removed the forwarder of $name at $address:$port"
  done < "$home/services"
}

services_delete() {
  services_remove
}

services_remove() {
  remove_forwarders /dev/null
  rm -f "$home/services"
  firewall_part forward /dev/null
}
