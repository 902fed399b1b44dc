# host: the program itself, what the mesh needs is there, and, where asked, the system is upgraded and rebooted.

# host_apply [upgrade]
host_apply() {
  [ -d /run/systemd/system ] || die "systemd does not run here: fakevpc needs a server with systemd"
  date_output "$(identity)"
  note_old_systemd
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

note_old_systemd() {
  local version
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 247 ] || note "systemd ${version:-of no known version} is older than that of Debian 11 (247), and untried" "upgrade the system if something of the mesh does not start"
}

# identity: by these digests the program sees two servers of which one is a copy of the other.
identity() {
  local file
  command -v sha256sum > /dev/null || return 0
  ! grep -qsE '^[0-9a-f]{32}$' /etc/machine-id || printf ' machine-id:%s' "$(digest_of /etc/machine-id | cut -c 1-16)"
  for file in /etc/ssh/ssh_host_*_key.pub; do
    [ ! -s "$file" ] || printf ' host-key:%s' "$(cut -d ' ' -f 1,2 "$file" | sha256sum | cut -c 1-16)"
  done
}

# A fresh cloud server still installs and configures. Its failure is not ours to judge, and its end is waited for ten
# minutes at most. Where it never ran, or is switched off, there is no end to wait for.
wait_for_cloud_init() {
  command -v cloud-init > /dev/null || return 0
  cloud_init_is_at_work || return 0
  tell "waiting for cloud-init, which is at work here, for ten minutes at most"
  timeout 600 cloud-init status --wait > /dev/null 2>&1 < /dev/null || true
  ! cloud_init_is_at_work ||
    note "cloud-init has not ended after ten minutes" "look at it with 'cloud-init status --long' on the server"
}

# It says so itself, or one of its units is about to start.
cloud_init_is_at_work() {
  case "$(timeout 10 cloud-init status 2> /dev/null < /dev/null || true)" in
    *running*) return 0 ;;
  esac
  [ -n "$(systemctl list-jobs --plain --no-legend 'cloud-init*.service' cloud-config.service cloud-final.service)" ]
}

# The programs that the mesh needs, wireguard-go only where the kernel has no WireGuard; and the package of each, as most systems
# call it, and as others do. All but those of apt-get are untried.
package_names='
ip iproute2 dnf:iproute
ss iproute2 dnf:iproute apk:iproute2-ss
wg wireguard-tools
wg-quick wireguard-tools
nft nftables
socat socat
awk gawk apt-get:mawk
cmp diffutils
flock util-linux apk:flock
sha256sum coreutils
wireguard-go wireguard-go
'

# look: $missing gets the programs that are not there, or do not run, and $packages their packages.
look() {
  missing='' packages=''
  while read -r program _; do
    case "$program" in
      '' | wireguard-go) ;;
      *) runs "$program" || miss "$program" ;;
    esac
  done << NAMES
$package_names
NAMES
  # Without 'ip' the kernel cannot be asked.
  case " $missing " in
    *" ip "*) ;;
    *) has_wireguard || miss wireguard-go ;;
  esac
}

runs() {
  command -v "$1" > /dev/null || return 1
  case "$1" in
    wg | nft) "$1" --version ;;
    socat | ip | ss) "$1" -V ;;
  esac > /dev/null 2>&1 < /dev/null
}

has_wireguard() {
  command -v wireguard-go > /dev/null && return 0
  ip link add dev fakevpc-probe type wireguard 2> /dev/null || return 1
  ip link delete dev fakevpc-probe
}

# miss PROGRAM
miss() {
  local package
  package=$(package_of "$1")
  missing="$missing $1"
  case "$packages " in
    *" $package "*) ;;
    *) packages="$packages $package" ;;
  esac
}

# package_of PROGRAM: its name for this server's package manager.
package_of() {
  local program usual others
  while read -r program usual others; do
    [ "$program" = "$1" ] || continue
    for other in $others; do
      case "$other" in "$(manager):"*) usual=${other#*:} ;; esac
    done
    echo "$usual"
  done << NAMES
$package_names
NAMES
}

# manager: this server's package manager, the first that is there.
manager() {
  local each
  for each in apt-get dnf zypper pacman apk; do
    command -v "$each" > /dev/null || continue
    echo "$each"
    return
  done
}

install_missing() {
  look
  [ -n "$missing" ] || return 0
  [ "$(manager)" = apt-get ] || die "$(without_apt)"
  apt_install
}

# without_apt: what is missing, and the command that brings it.
without_apt() {
  local command
  case "$(manager)" in
    dnf | zypper) command="run '$(manager) install$packages' on the server" ;;
    pacman) command="run 'pacman -S$packages' on the server" ;;
    apk) command="run 'apk add$packages' on the server" ;;
    *) command="install the packages$packages on the server" ;;
  esac
  case " $missing " in
    *" wireguard-go "*) command="$command (a kernel with WireGuard needs no wireguard-go)" ;;
  esac
  echo "there is no apt-get here, and of the programs that the mesh needs these are missing or do not run:$missing: $command and run again"
}
