# What every part shares: how it speaks, fails, locks, writes files and handles units. The only globals of the program:
#   prefix, server, mesh_id   whose run this is          step   the word that each line of output names
#   home, root                what is kept on disk       stage  a directory for this run alone, in memory
#   dry                       "yes": say what would be changed, and touch nothing
#   put_changed, part_code    what the last "put" and the last "part" did

root=/var/lib/fakevpc
dry=''

# Says what was changed, or would be; a run that never calls this says that there was nothing to do.
changed() {
  : > "$stage/changed"
  if [ -n "$dry" ]; then
    printf 'change: %s\n' "$*"
  else
    printf '%s %s: %s\n' "$server" "$step" "$*"
  fi
}

# tell WORDS: what is being done, where that may take long.
tell() {
  printf '%s %s: %s\n' "$server" "$step" "$*"
}

# note WORDS REMEDY: what was seen, and left alone. The up ends with it: components/stepOutput.ts reads these lines.
note() {
  [ -n "$dry" ] || [ -e "$stage/dated" ] || date_output
  if [ -n "$dry" ]; then
    printf 'warn: %s → %s\n' "$1" "$2"
  else
    printf '%s %s: warning: %s: %s\n' "$server" "$step" "$1" "$2"
  fi
}

# date_output [WORDS]: when this was, for those who read an output that was kept, and what is said by no sentence.
date_output() {
  : > "$stage/dated"
  printf 'fakevpc %s at %s%s\n' "$step" "$(date +%s)" "${1:-}"
}

# die SENTENCE: ends a part of the run, with what is wrong and what to do about it. The others go on.
die() {
  printf '%s\n' "$*" >> "$stage/failures"
  : > "$stage/died"
  exit 1
}

# act COMMAND…: what touches the server, and so is not done in dry mode.
act() {
  [ -n "$dry" ] || "$@"
}

# part NAME COMMAND…: runs it in a shell of its own, so that its failure stops no other part; sets part_code. What ends
# unforeseen is told by the last words of the program that failed.
part() {
  local name="$1"
  shift
  [ ! -e "$stage/died" ] || rm "$stage/died"
  set +e
  (
    trap 'unforeseen "$?" "$name"' EXIT
    set -e
    "$@"
  ) 2> "$stage/errors.$name"
  part_code=$?
  [ "$part_code" = 0 ] || : > "$stage/failed"
  # The watch tells its failures once.
  [ "$step" = watch ] || [ ! -s "$stage/errors.$name" ] || cat "$stage/errors.$name" >&2
  set -e
}

# unforeseen CODE PART
unforeseen() {
  trap - EXIT
  if [ "$1" != 0 ] && [ ! -e "$stage/died" ]; then
    printf '%s: %s\n' "$2" "$(cause < "$stage/errors.$2")" >> "$stage/failures"
    : > "$stage/died"
  fi
  exit "$1"
}

# cause: what the last words of a program, on standard input, mean, and the remedy.
cause() {
  local words
  words=$(grep -v '^$' | tail -n 1)
  case "$words" in
    *"No space left"* | *[Qq]uota*) echo "the disk is full ($words): make room on the server and run again" ;;
    *"Read-only file system"*) echo "the file system is read-only ($words): find the reason with 'dmesg', mount it for writing and run again" ;;
    *"Operation not permitted"* | *"Permission denied"*)
      echo "the server forbids it ($words): look for a flag with 'lsattr', which 'chattr -i' takes off, or for a confinement with 'dmesg', and run again"
      ;;
    '') echo "ended without a word: look at 'journalctl -e' on the server, mend the cause and run again" ;;
    *) echo "failed ($words): read the lines above, mend the cause on the server and run again" ;;
  esac
}

# finish: a sentence for each part that failed, the last thing that is said.
finish() {
  local sentence
  if [ -z "$dry" ] && [ ! -e "$stage/changed" ] && [ ! -s "$stage/failures" ]; then
    case "$step" in host | mesh) echo "$server $step: nothing to change" ;; esac
  fi
  [ -e "$stage/failed" ] || return 0
  while IFS= read -r sentence; do
    say_failure "$sentence"
  done < "$stage/failures"
  [ -s "$stage/failures" ] || say_failure "what failed could not even be written down: make room in /run and run again"
  exit 1
}

say_failure() {
  if [ -n "$dry" ]; then
    printf 'refuse: %s\n' "$1"
  else
    printf 'fakevpc: %s %s: %s\n' "$server" "$step" "$1" >&2
  fi
}

# One run at a time on a server, whatever mesh it belongs to. The lock is on a directory that is always there, so that no
# file of ours stays behind.
lock() {
  command -v flock > /dev/null || die "there is no program flock here: install the package $(package_of flock) and run again"
  exec 9< /var/lib
  flock -w 900 9 || die "another run of fakevpc has been at work here for 15 minutes: look for it with 'ps', end it and run again"
}

# put FILE MODE [WORDS]: standard input becomes the file, whole or not at all. Says the words, and sets put_changed, if
# that is a change.
put() {
  cat > "$stage/put"
  put_changed=no
  if [ -e "$1" ] && cmp -s "$stage/put" "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
    return 0
  fi
  if [ -z "$dry" ] && ! write "$1" "$2" 2> "$stage/words"; then
    rm -f "$1.fakevpc"
    die "$1 cannot be written: $(cause < "$stage/words")"
  fi
  put_changed=yes
  [ -z "${3:-}" ] || changed "$3"
}

# write FILE MODE: one that an interrupted run left may have another mode than a new file, which is for root alone.
write() {
  [ ! -e "$1.fakevpc" ] || rm "$1.fakevpc" || return
  cat "$stage/put" > "$1.fakevpc" || return
  [ "$2" = 600 ] || chmod "$2" "$1.fakevpc" || return
  sync "$1.fakevpc" && mv -f "$1.fakevpc" "$1"
}

# says FILE TEXT: whether the file's first line is that text. Of all ways to look, this starts no other program; on a
# server with many interfaces, starting programs is most of what a run has to do.
says() {
  local said=''
  [ -e "$1" ] || return 1
  # A file in /proc gives its first letter and no end of line to a shell that reads letter by letter.
  IFS= read -r said < "$1" || true
  [ "$said" = "$2" ]
}

# systemd reads its units again, which takes longer than all else here, once for everything that a run has changed and only
# where it has read it before. The mark is for the next run, where this one is killed.
unit_changed() {
  act touch "$home/reload"
}

unit_reload() {
  [ -e "$home/reload" ] || return 0
  systemctl daemon-reload
  rm -f "$home/reload"
}

# unit_put NAME: standard input becomes a systemd unit. Our services have no start limit: one that was started too often
# would stay down, and with it what it guards.
unit_put() {
  local file="/etc/systemd/system/$1" known=""
  [ ! -e "$file" ] || known=yes
  put "$file" 644 "wrote the unit $1"
  [ "$put_changed" = no ] || [ -z "$known" ] || unit_changed
}

unit_remove() {
  [ -e "/etc/systemd/system/$1" ] || return 0
  unit_disable "$1"
  act rm -f "/etc/systemd/system/$1" "/etc/systemd/system/$1.fakevpc"
}

# unit_enable UNIT…: for the next boot.
unit_enable() {
  local unit missing=''
  for unit; do
    unit_is_enabled "$unit" || missing="$missing $unit"
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # units
  act systemctl enable --quiet --no-reload $missing
  changed "enabled$missing"
}

unit_is_enabled() {
  local link
  for link in /etc/systemd/system/*.wants/"$1"; do
    [ -e "$link" ] || return 1
  done
}

# unit_is_known UNIT: whether systemd has read it, for itself or for another that names it.
unit_is_known() {
  [ -n "$(systemctl list-units --all --plain --no-legend "$1")" ]
}

# unit_disable UNIT…: stops them, too.
unit_disable() {
  [ -z "$dry" ] || return 0
  unit_changed
  systemctl disable --quiet --no-reload --now "$@" 2> /dev/null || true
  systemctl reset-failed "$@" 2> /dev/null || true
}

# unit_do VERB UNIT…: start or restart, with the last words of the first that failed.
unit_do() {
  local action="$1" failed
  [ -z "$dry" ] || return 0
  shift
  unit_reload
  systemctl "$action" "$@" 2> /dev/null && return 0
  # What failed too often a moment ago is not even tried until this is forgotten.
  systemctl reset-failed "$@" 2> /dev/null || true
  systemctl start "$@" 2> /dev/null && return 0
  for failed; do
    ! systemctl is-active --quiet "$failed" || continue
    journalctl --no-pager --quiet --output=cat --lines=8 --unit="$failed" >&2 || true
    die "$failed did not $action: $(why_not "$failed")"
  done
}

# last_words UNIT: of a failure, in its journal.
last_words() {
  journalctl --no-pager --quiet --output=cat --lines=30 --unit="$1" |
    grep -i 'socat\[\|failed\|denied\|error\|cannot\|not found' | grep -v '^Failed to start\|Failed with result\|exiting on signal' | tail -n 1
}

# remedy_of UNIT WORDS: for these last words of the unit.
remedy_of() {
  local choice=''
  case "$2" in
    *"step NAMESPACE"*)
      case "$1" in *-service-*) choice=', or set forward: nftables,' ;; esac
      echo "let this machine confine services (a container needs nesting)$choice"
      ;;
    *) echo "read 'journalctl -u $1' on the server, mend the cause" ;;
  esac
}

# why_not UNIT: the cause, where the unit wants a port that another program has or its journal tells it, and the remedy.
why_not() {
  local port holder='' words
  case "$1" in
    wg-quick@*)
      port=$(sed -n 's/^ListenPort = //p' "/etc/wireguard/$(interface_of "$1").conf" 2> /dev/null)
      [ -z "$port" ] || holder=$(holder_of --udp "$port")
      [ -z "$holder" ] || echo "$holder has its UDP port $port: end that program there, or choose another wgPort, and run again"
      ;;
  esac
  [ -z "$holder" ] || return 0
  words=$(last_words "$1")
  echo "${words:+$words: }$(remedy_of "$1" "$words") and run again"
}

interface_of() {
  local name="${1#wg-quick@}"
  echo "${name%.service}"
}

# holder_of --udp|--tcp PORT: the program that listens there, where it is one.
holder_of() {
  ss -Hnlp "$1" "sport = :$2" 2> /dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | head -n 1
}
