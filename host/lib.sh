# What every step shares: how it speaks, fails, locks, writes files, and knows what is its own.

root=/var/lib/fakevpc
something_changed=no

# Says what was changed; a run that never calls this says that there was nothing to do.
changed() {
  something_changed=yes
  printf '%s %s: %s\n' "$server" "$step" "$*"
}

die() {
  printf 'fakevpc: %s %s: %s\n' "$server" "$step" "$*" >&2
  exit 1
}

# One step at a time on a server, whatever mesh it belongs to. The lock is on a directory that is always there,
# so that no file of ours stays behind.
lock() {
  exec 9< /var/lib
  flock -w 900 9 || die "another fakevpc step has been running for 15 minutes: look for it with 'ps', end it and run again"
}

# put FILE MODE: standard input becomes the file, whole or not at all. Sets put_changed.
put() {
  put_changed=no
  cat > "$1.fakevpc" || {
    rm -f "$1.fakevpc"
    die "$1 cannot be written: is the disk full? Make room on the server and run again"
  }
  chmod "$2" "$1.fakevpc"
  if cmp -s "$1.fakevpc" "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
    rm "$1.fakevpc"
  else
    sync "$1.fakevpc"
    mv -f "$1.fakevpc" "$1"
    put_changed=yes
  fi
}

# A directory for what a step is working on; it goes when the step ends.
make_stage() {
  stage=$(mktemp -d "$home/stage.XXXXXX")
  trap 'rm -rf "$stage"' EXIT
}

# split_sections: standard input, in sections that start with "### NAME", becomes one file for each in $stage.
split_sections() {
  awk -v stage="$stage" '/^### / { file = stage "/" $2; printf "" > file; next } file { print > file }'
}

# The record: which mesh has this place, and which of its servers wrote each step. After a rename on the same
# machine the old name's deletes come last; what the new name has written is no longer theirs to remove.
claim() {
  mkdir -p "$home"
  if [ -e "$home/mesh" ] && [ "$(cat "$home/mesh")" != "$mesh" ]; then
    die "the prefix '$prefix' belongs to another mesh here: give this one another prefix, or, if that mesh is gone for good, clear it with: sudo sh $home/host.sh forget $prefix"
  fi
  rm -rf "$home"/stage.* # a step that was killed could not do it
  printf '%s\n' "$mesh" | put "$home/mesh" 600
  printf '%s\n' "$server" | put "$home/$step.owner" 600
}

owned() {
  [ "$(cat "$home/mesh" 2>/dev/null)" = "$mesh" ] && [ "$(cat "$home/$step.owner" 2>/dev/null)" = "$server" ]
}

# unit_put NAME: standard input becomes a systemd unit; systemd hears of it only when it changed. Our services have no
# start limit: one that was started too often would stay down, and with it what it guards.
unit_put() {
  put "/etc/systemd/system/$1" 644
  [ "$put_changed" = no ] || systemctl daemon-reload
}

unit_remove() {
  [ -e "/etc/systemd/system/$1" ] || return 0
  rm -f "/etc/systemd/system/$1" "/etc/systemd/system/$1.fakevpc"
  systemctl daemon-reload
  systemctl reset-failed "$1" 2>/dev/null || true
}

unit_enable() {
  systemctl is-enabled --quiet "$1" 2>/dev/null || systemctl enable --quiet "$1"
}

# unit_do VERB UNIT: start or restart, with the unit's own last words on failure.
unit_do() {
  systemctl reset-failed "$2" 2>/dev/null || true
  if ! systemctl "$1" "$2" 2>/dev/null; then
    journalctl --no-pager --quiet --output=cat --lines=8 --unit="$2" >&2 || true
    die "$2 did not $1: read the lines above, or 'journalctl -u $2' on the server, mend the cause and run again"
  fi
}
