#!/bin/sh
# directory.sh prepare   makes the directory of all machines, unless a port of theirs is taken
# directory.sh remove    deletes it, when every machine is gone
#
# Variables: DIRECTORY, PORTS (like "tcp:5001 udp:51821").
set -eu
# shellcheck source=examples/vms/process.sh
. "$(dirname "$0")/process.sh"

prepare() {
  taken=
  for port in $PORTS; do
    ! is_taken "${port%:*}" "${port#*:}" || taken="$taken $port"
  done
  if [ -n "$taken" ]; then
    echo "these ports are in use on this machine:$taken. Set vms:sshPort or vms:wgPort, from which they count, to others" >&2
    exit 1
  fi
  mkdir -p "$DIRECTORY"
  chmod 700 "$DIRECTORY"
}

# is_taken PROTOCOL PORT: somebody listens there, and not one of our own machines.
is_taken() {
  listeners=$(ss -Hlnp --"$1" "sport = :$2")
  [ -n "$listeners" ] || return 1
  for pid in $(printf '%s\n' "$listeners" | grep -o 'pid=[0-9]*' | cut -d= -f2); do
    ! grep -aqsF "$DIRECTORY/" "/proc/$pid/cmdline" || return 1
  done
}

# A start that was interrupted leaves a machine that Pulumi does not know.
remove() {
  for machine in "$DIRECTORY"/*/; do
    stop_machine "${machine%/}"
  done
  rm -rf "$DIRECTORY"
}

case $1 in
  prepare | remove) "$1" ;;
esac
