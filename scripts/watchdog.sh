#!/bin/sh
# watchdog.sh SECONDS NAME COMMAND…: runs a command for so many seconds at most. Everything that it started ends with it.
set -eu
limit=$1 name=$2
shift 2

# A mark in the environment goes along to every child, also to one that leads a session of its own.
mark=$$.$(date +%s)

marked() { grep -lszE "^FAKEVPC_WATCHED=(.* )?$mark( |\$)" /proc/[0-9]*/environ | cut -d / -f 3; }

end_all() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    left=$(marked || true)
    [ -n "$left" ] || return 0
    # Each line is a process of its own.
    # shellcheck disable=SC2086
    kill -KILL $left 2>/dev/null || true
    sleep 0.1
  done
}

trap 'end_all; exit 130' INT TERM
status=0
# In the background, since the shell heeds no signal while it waits for a command in the foreground.
env FAKEVPC_WATCHED="${FAKEVPC_WATCHED:+$FAKEVPC_WATCHED }$mark" timeout -k 5 "$limit" "$@" &
wait $! || status=$?
end_all
case $status in
  124 | 137) printf '\n%s\n' "fakevpc: $name was not done after $limit s, and was ended" ;;
esac
exit "$status"
