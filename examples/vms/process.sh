# shellcheck shell=sh
# The process of a machine, by the directory that the machine has for itself.

# A process id can be another program's by now, so its command line has to name this very directory.
machine_runs() {
  [ -e "$1/pid" ] && grep -aqsF "$1/pid" "/proc/$(cat "$1/pid")/cmdline"
}

# Shuts the machine down as its power button does; one that does not obey is switched off.
stop_machine() {
  machine_runs "$1" || return 0
  # shellcheck disable=SC2016
  timeout 5 sh -c 'echo system_powerdown >"$1/monitor.in"' sh "$1" || true
  machine_ends "$1" 180 || switch_off "$1"
}

switch_off() {
  machine_runs "$1" || return 0
  kill "$(cat "$1/pid")"
  machine_ends "$1" 10 || kill -KILL "$(cat "$1/pid")"
}

# machine_ends DIRECTORY SECONDS: waits for the end of its process.
machine_ends() {
  seconds=0
  while machine_runs "$1"; do
    [ "$seconds" -lt "$2" ] || return 1
    sleep 1
    seconds=$((seconds + 1))
  done
}
