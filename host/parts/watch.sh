# watch: puts right, twice a minute, what the plan says and nobody stopped on purpose: with "wg-quick down" or "systemctl stop",
# or by disabling or masking a unit. Files are left to the next up. It tells changes, and a failure once.

watch() {
  exec 9< /var/lib
  flock -w 5 9 || return 0
  # shellcheck disable=SC2046 # names
  part remember remember_endpoints $(recorded)
  if [ -e "$home/plan" ]; then
    part plan read_plan "$home/plan"
    [ "$part_code" = 0 ] || return 0
    part units unit_states
    part table watch_table
    part forwarding watch_forwarding
    part interfaces watch_interfaces
    part services watch_services
    part network network_restore "$stage/network"
    part routes routes_restore "$stage/routes"
    part names hosts_move
    part relays relays_watch
    part lans lans_restore
  fi
  part strays redial_strays
  part lookups resolve_names
}

# unit_states: a line "UNIT ACTIVE RESULT ENABLED" for each unit of the plan.
unit_states() {
  # shellcheck disable=SC2046 # units
  systemctl show --property=Id,ActiveState,Result,UnitFileState "fakevpc-$prefix-firewall.service" "fakevpc-$prefix-hosts.service" \
    $(sed 's/.*/wg-quick@&.service/' "$stage/interfaces") \
    $(awk -v prefix="$prefix" '!seen[$1, $2]++ { print "fakevpc-" prefix "-service-" $1 "-" $2 ".service" }' "$stage/socat") |
    awk 'BEGIN { RS = ""; FS = "\n" }
      {
        for (i = 1; i <= NF; i++) { at = index($i, "="); value[substr($i, 1, at - 1)] = substr($i, at + 1) }
        print value["Id"], value["ActiveState"], value["Result"], value["UnitFileState"]
      }' > "$stage/states"
}

# is_in_state UNIT STATE: and nobody has disabled or masked it.
is_in_state() {
  grep -q "^$1 $2 .* enabled\$" "$stage/states"
}

watch_table() {
  local unit="fakevpc-$prefix-firewall.service"
  if is_in_state "$unit" failed; then
    unit_do restart "$unit"
    changed "started $unit"
  elif is_in_state "$unit" active && [ -e "$home/firewall/listing" ] && ! table_is_loaded "fakevpc_$prefix"; then
    nft -f "$home/firewall/table.nft"
    changed "loaded the nft table fakevpc_$prefix again"
  elif is_in_state "$unit" active && ! same_itself; then
    table_load "fakevpc_$prefix"
    keep_itself
    changed "loaded the nft table fakevpc_$prefix, as something else listens on mesh addresses itself now: $(tr '\n' ' ' < "$stage/itself")"
  fi
}

same_itself() {
  if [ -e "$home/firewall/itself" ]; then cmp -s "$home/firewall/itself" "$stage/itself"; else [ ! -s "$stage/itself" ]; fi
}

watch_forwarding() {
  local interface
  while read -r interface; do
    [ -e "/proc/sys/net/ipv4/conf/$interface" ] || continue
    says "/proc/sys/net/ipv4/conf/$interface/route_localnet" 1 && continue
    is_in_state "wg-quick@$interface.service" active || continue
    # The hook sets it, so where it is not set the hook may not have run at all: a confined unit can keep it from its files.
    allow_forwarding "$interface"
    restore_endpoints "$interface"
    changed "let $interface forward to 127.0.0.1"
  done < "$stage/interfaces"
}

# watch_interfaces: none that somebody is just starting or stopping, which would fail if it found its address there. So what
# is wrong counts if it is still so a second later.
watch_interfaces() {
  local verdict interface reason unit
  # shellcheck disable=SC2046 # names
  survey $(cat "$stage/interfaces")
  [ -s "$stage/verdicts" ] || return 0
  sleep 1
  mv "$stage/verdicts" "$stage/first"
  # shellcheck disable=SC2046 # names
  survey $(cat "$stage/interfaces")
  unit_states
  while read -r verdict interface reason; do
    unit="wg-quick@$interface.service"
    [ "$verdict" != cut ] || continue
    grep -qxF "$verdict $interface $reason" "$stage/first" || continue
    [ "$verdict" != again ] || [ "$reason" = "its unit is failed" ] || continue
    # Stopped by "wg-quick down", which leaves its unit active.
    if [ -e "/run/fakevpc/$prefix/$interface.stopped" ] && is_in_state "$unit" active; then continue; fi
    [ -e "/etc/wireguard/$interface.conf" ] || continue
    if [ "$verdict" = update ]; then
      is_in_state "$unit" active || continue
      synchronise "$interface"
      changed "updated $interface: $reason"
    elif is_in_state "$unit" active || is_in_state "$unit" failed; then
      part "$interface" watch_restart "$interface" "$reason"
    fi
  done < "$stage/verdicts"
}

watch_restart() {
  ! is_in_state "wg-quick@$1.service" failed || ip link delete dev "$1" 2> /dev/null || true
  unit_do restart "wg-quick@$1.service"
  changed "restarted $1: $2"
}

# watch_services: the forwarders, and what writes the names.
watch_services() {
  local unit
  while read -r unit _; do
    case "$unit" in wg-quick@* | *-firewall.service) continue ;; esac
    is_in_state "$unit" failed || continue
    part "$unit" unit_do restart "$unit"
    [ "$part_code" != 0 ] || changed "started $unit again"
  done < "$stage/states"
}

# watch_finish: a sentence for what fails, unless the last run has told the same.
watch_finish() {
  local told="/run/fakevpc/$prefix/told"
  mkdir -p "/run/fakevpc/$prefix"
  touch "$told" "$stage/failures"
  cmp -s "$stage/failures" "$told" || sed "s/^/fakevpc: $server watch: /" "$stage/failures" >&2
  cp "$stage/failures" "$told"
}

watch_apply() {
  put "$home/interfaces/names" 600 < "$stage/names"
  unit_put "fakevpc-$prefix-watch.service" << UNIT
[Unit]
Description=Keeps the mesh $prefix as its plan says (fakevpc)
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh $home/host.sh watch $prefix
SyslogLevel=notice
LogLevelMax=notice
UNIT
  unit_put "fakevpc-$prefix-watch.timer" << UNIT
[Unit]
Description=Keeps the mesh $prefix as its plan says, twice a minute (fakevpc)

[Timer]
OnActiveSec=10
OnUnitActiveSec=30
AccuracySec=1

[Install]
WantedBy=timers.target
UNIT
  unit_enable "fakevpc-$prefix-watch.timer"
  systemctl is-active --quiet "fakevpc-$prefix-watch.timer" || {
    unit_do start "fakevpc-$prefix-watch.timer"
    changed "started fakevpc-$prefix-watch.timer"
  }
  act resolve_names
}

watch_remove() {
  systemctl stop "fakevpc-$prefix-begin.service" 2> /dev/null || true
  rm -rf "/run/fakevpc/$prefix"
  rmdir --ignore-fail-on-non-empty /run/fakevpc 2> /dev/null || true
  unit_remove "fakevpc-$prefix-watch.timer"
  unit_remove "fakevpc-$prefix-watch.service"
}
