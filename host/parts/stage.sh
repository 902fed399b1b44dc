# stage: the directory of a run, in memory. Its name has the number of the run's process.

# make_stage: its name and the traps are there before it is, so that a run that is stopped as it starts leaves nothing.
make_stage() {
  local words
  stage="/run/fakevpc.$$"
  trap clear_stage EXIT
  trap 'clear_stage; exit 129' HUP
  trap 'clear_stage; exit 130' INT
  trap 'clear_stage; exit 141' PIPE
  trap 'clear_stage; exit 143' TERM
  [ ! -e "$stage" ] || rm -rf "$stage"
  words=$(mkdir "$stage" 2>&1) || {
    printf 'fakevpc: %s %s: /run cannot be written: %s\n' "$server" "$step" "$(printf '%s\n' "$words" | cause)" >&2
    exit 1
  }
}

# clear_stage: undisturbed, as whoever stops a unit sends a signal to each of its programs, and to the last rm, too.
clear_stage() {
  trap '' HUP INT PIPE TERM
  rm -rf "$stage"
}

# clear_stages: those of runs that were killed.
clear_stages() {
  local each number
  for each in /run/fakevpc.*; do
    number=${each#/run/fakevpc.}
    kill -0 "${number%%.*}" 2> /dev/null || rm -rf "$each"
  done
}
