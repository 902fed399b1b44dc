#!/bin/sh
# From inside the lab's process namespace: runs a program in a server's namespaces, or signals its systemd.
# Usage: inside.sh SERVER_DIRECTORY run PROGRAM…  |  inside.sh SERVER_DIRECTORY signal NAME
set -eu
pid=$(cat "$1/pid")
task=$2
shift 2
read -r leader _ <"/proc/$pid/task/$pid/children" || true
[ -n "${leader:-}" ] || { echo 'the server is off' >&2; exit 1; }

case $task in
  run) exec nsenter -t "$leader" -a -- env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" ;;
  signal) kill -s "$1" "$leader" ;;
esac
