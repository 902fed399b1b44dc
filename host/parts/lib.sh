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
  if cmp -s "$1.fakevpc" "$1" && [ "$(stat -c %a "$1")" = "$2" ]; then
    rm "$1.fakevpc"
  else
    chmod "$2" "$1.fakevpc"
    sync "$1.fakevpc"
    mv -f "$1.fakevpc" "$1"
    put_changed=yes
  fi
}

# says FILE TEXT: whether the file's first line is that text. Of all ways to look, this starts no other program; on a
# server with many interfaces, starting programs is most of what a step has to do.
says() {
  [ -e "$1" ] && IFS= read -r said < "$1" && [ "$said" = "$2" ]
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
  [ -d "$home" ] || mkdir -p "$home"
  if [ -e "$home/mesh" ] && ! says "$home/mesh" "$mesh"; then
    die "the prefix '$prefix' belongs to another mesh here: give this one another prefix, or, if that mesh is gone for good, clear it with: sudo sh $home/host.sh forget $prefix"
  fi
  for leftover in "$home"/stage.*; do
    [ ! -e "$leftover" ] || rm -rf "$leftover" # a step that was killed could not do it
  done
  says "$home/mesh" "$mesh" || printf '%s\n' "$mesh" | put "$home/mesh" 600
  says "$home/$step.owner" "$server" || printf '%s\n' "$server" | put "$home/$step.owner" 600
}

owned() {
  says "$home/mesh" "$mesh" && says "$home/$step.owner" "$server"
}

# systemd reads its units again, which takes longer than all else here, once for everything that a step has changed and
# only where it has read it before. The mark is for the next run, where this one is killed.
unit_changed() {
  : > "$home/reload"
}

unit_reload() {
  [ -e "$home/reload" ] || return 0
  systemctl daemon-reload
  rm -f "$home/reload"
}

# unit_put NAME: standard input becomes a systemd unit. Our services have no start limit: one that was started too often
# would stay down, and with it what it guards.
unit_put() {
  put_changed=no
  text=$(cat)
  unit_file="/etc/systemd/system/$1"
  if [ -e "$unit_file" ]; then
    if [ "$text" != "$(cat "$unit_file")" ]; then
      unit_changed
    elif [ "$(stat -c %a "$unit_file")" = 644 ]; then
      return 0
    fi
  fi
  put "$unit_file" 644 << UNIT
$text
UNIT
}

unit_remove() {
  [ -e "/etc/systemd/system/$1" ] || return 0
  unit_disable "$1"
  rm -f "/etc/systemd/system/$1" "/etc/systemd/system/$1.fakevpc"
}

# unit_enable UNIT…: for the next boot.
unit_enable() {
  for enabled; do
    unit_is_enabled "$enabled" && continue
    systemctl enable --quiet --no-reload "$@"
    return
  done
}

unit_is_enabled() {
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
  unit_changed
  systemctl disable --quiet --no-reload --now "$@" 2>/dev/null || true
  systemctl reset-failed "$@" 2>/dev/null || true
}

# unit_do VERB UNIT…: start or restart, with the last words of the first that failed.
unit_do() {
  action=$1
  shift
  unit_reload
  systemctl "$action" "$@" 2>/dev/null && return 0
  # What failed too often a moment ago is not even tried until this is forgotten.
  systemctl reset-failed "$@" 2>/dev/null || true
  systemctl start "$@" 2>/dev/null && return 0
  for failed; do
    ! systemctl is-active --quiet "$failed" || continue
    journalctl --no-pager --quiet --output=cat --lines=8 --unit="$failed" >&2 || true
    die "$failed did not $action: read the lines above, or 'journalctl -u $failed' on the server, mend the cause and run again"
  done
}
