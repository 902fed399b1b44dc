# What socat listens for, and whether it does: forwarders of services, and relays.

# socat_unit NAME DESCRIPTION LINES: a unit that runs socat, by these lines, as a user of its own. "exec" tells whoever starts it
# where the confinement cannot be had.
socat_unit() {
  cat << UNIT
[Unit]
Description=$1 (fakevpc)
StartLimitIntervalSec=0
After=network.target

[Service]
Type=exec
$2
Restart=always
RestartSec=1
DynamicUser=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE
ProtectHome=yes
SuccessExitStatus=143

[Install]
WantedBy=multi-user.target
UNIT
}

# judge --tcp|--udp WANTED: $stage/listeners has a line of listeners.awk for each.
judge() {
  local processes
  ss -Hlnp "$1" > "$stage/listening"
  processes=$(sed 's/pid=/\n&/g' "$stage/listening" | sed -n 's#^pid=\([0-9]*\).*#/proc/\1/cgroup#p' | sort -u)
  # shellcheck disable=SC2086 # files, of which some may have gone
  processes=$(grep -ls "/fakevpc-$prefix-" $processes /dev/null | sed 's/[^0-9]//g' | tr '\n' ' ')
  awk -v wanted="$2" -v ours=" $processes" "$awk_sockets $awk_listeners" "$stage/listening" > "$stage/listeners"
}

# units_that_fail: $stage/failing has those that systemd starts again and again.
units_that_fail() {
  systemctl list-units --plain --no-legend --state=activating "fakevpc-$prefix-*" | awk '{ print $1 }' > "$stage/failing"
}

fails_again() {
  grep -qxF "$1" "$stage/failing"
}

# cannot WORDS UNIT: what a unit does not do though it was started, with its own last words.
cannot() {
  local words
  words=$(last_words "$2")
  complain "$1${words:+ ($words)}" "$(remedy_of "$2" "$words")"
}

# complain WORDS REMEDY: the step fails of it, and a dry run tells it.
complain() {
  [ -z "$dry" ] || { note "$1" "$2"; return 0; }
  die "$1: $2 and run again"
}
