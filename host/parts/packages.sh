# host: the program itself, what the mesh needs is installed, and, where asked, the system is upgraded and rebooted.

# host_apply [upgrade]
host_apply() {
  command -v apt-get > /dev/null || die "there is no apt-get here: fakevpc needs Debian or Ubuntu"
  [ -d /run/systemd/system ] || die "systemd does not run here: fakevpc needs a server with systemd"
  claim
  # If the first one fails, nothing stays: Pulumi will not know that there is something to delete.
  [ -e "$home/servers" ] || : > "$stage/first"
  put "$home/host.sh" 700 "installed the host program" < "$0"
  wait_for_cloud_init
  install_missing
  rebooting=''
  case "${1:-}" in
    upgrade) upgrade_once ;;
    *) rm -f "$home/upgraded" ;;
  esac
  # The last act: from now on this name has a part in the mesh here.
  record_server
  [ -z "$rebooting" ] || reboot_after_this
}

# A fresh cloud server still installs and configures. Its failure is not ours to judge, and its end is waited for
# ten minutes at most.
wait_for_cloud_init() {
  command -v cloud-init > /dev/null || return 0
  timeout 600 cloud-init status --wait > /dev/null 2>&1 < /dev/null || true
}

install_missing() {
  missing=
  command -v wg-quick > /dev/null || missing="$missing wireguard-tools"
  command -v nft > /dev/null || missing="$missing nftables"
  command -v socat > /dev/null || missing="$missing socat"
  command -v ip > /dev/null || missing="$missing iproute2"
  has_wireguard || missing="$missing wireguard-go"
  [ -n "$missing" ] || return 0
  # Lists that are fresh enough save a download; a server that never had any fails here at once.
  # shellcheck disable=SC2086
  apt_get install --no-install-recommends $missing > /dev/null 2>&1 || {
    update_lists
    output=$(apt_get install --no-install-recommends $missing 2>&1) || {
      printf '%s\n' "$output" >&2
      die "apt-get could not install$missing: read apt's lines above, mend the server's package sources and run again"
    }
  }
  changed "installed$missing"
}

has_wireguard() {
  command -v wireguard-go > /dev/null && return 0
  ip link add dev fakevpc-probe type wireguard 2> /dev/null || return 1
  ip link delete dev fakevpc-probe
}

# Nothing here may ask a question: no terminal is there to answer it. The lock of apt is waited for, as a fresh
# server often upgrades itself.
apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -y -q \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" < /dev/null
}

# apt's own timeout does not cover the lock of the package lists, so that one is tried again.
update_lists() {
  [ -z "$(dpkg --audit)" ] || DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confdef --force-confold < /dev/null
  tries=0
  until output=$(apt_get update 2>&1); do
    tries=$((tries + 1))
    case "$output" in
      *"Could not get lock"*) [ "$tries" -lt 120 ] && sleep 5 && continue ;;
    esac
    printf '%s\n' "$output" >&2
    die "apt-get update failed: read apt's lines above, mend the server's package sources or network and run again"
  done
}

# Once per request: the record says that it was done, until it is no longer asked for. Otherwise a changed SSH key,
# which runs this step again on every server, would reboot a whole mesh.
upgrade_once() {
  [ ! -e "$home/upgraded" ] || return 0
  before=$(dpkg-query --show | cksum)
  update_lists
  output=$(apt_get --with-new-pkgs upgrade 2>&1) || {
    printf '%s\n' "$output" >&2
    die "apt-get upgrade failed: read apt's lines above, mend the packages on the server and run again"
  }
  date -u +%Y-%m-%dT%H:%M:%SZ | put "$home/upgraded" 600
  if [ "$before" = "$(dpkg-query --show | cksum)" ]; then
    changed "the system was up to date: no reboot"
  else
    rebooting=yes
    changed "upgraded the system, rebooting"
  fi
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
