# upgrade: the system's packages, and a reboot if that changed anything.

# Once per request: the record says that it was done, until it is no longer asked for. Otherwise a changed SSH key,
# which runs this step again on every server, would reboot a whole mesh.
upgrade_once() {
  local before
  [ ! -e "$home/upgraded" ] || return 0
  if ! command -v apt-get > /dev/null; then
    note "it was not upgraded, as there is no apt-get here" "upgrade it by its own package manager"
    return 0
  fi
  rm -f "$stage/complaint"
  before=$(dpkg-query --show | cksum)
  update_lists
  if [ -s "$stage/lists" ] && ! grep -qE '^(Get|Hit):' "$stage/apt"; then
    tail -n 30 "$stage/apt" >&2
    die "apt-get update reached none of the server's package sources ($(cat "$stage/lists")): mend them or the network and run again"
  fi
  apt_get --with-new-pkgs upgrade || upgrade_failed
  date -u +%Y-%m-%dT%H:%M:%SZ | put "$home/upgraded" 600
  if [ "$before" = "$(dpkg-query --show | cksum)" ]; then
    changed "the system was up to date: no reboot"
  else
    rebooting=yes
    changed "upgraded the system, rebooting"
  fi
  note_apt
}

# upgrade_failed: it counts where there is still something to upgrade.
upgrade_failed() {
  complaint > "$stage/complaint"
  cp "$stage/apt" "$stage/upgrade"
  if apt_get --simulate --with-new-pkgs upgrade && ! grep -q '^Inst ' "$stage/apt"; then return 0; fi
  tail -n 30 "$stage/upgrade" >&2
  die "apt-get upgrade failed ($(cat "$stage/complaint")): read apt's lines above, mend the packages on the server and run again"
}

# The next step must not get in before the reboot, so new SSH connections stop now; this one lives on. If the reboot
# fails, a timer lets SSH in again.
reboot_after_this() {
  sync
  for unit in ssh.socket ssh.service sshd.service; do
    systemctl is-active --quiet "$unit" || continue
    systemd-run --quiet --on-active=120 --timer-property=AccuracySec=1s systemctl start "$unit"
    systemctl stop "$unit" 2> /dev/null
  done
  systemd-run --quiet --on-active=2 --timer-property=AccuracySec=100ms systemctl reboot
}
