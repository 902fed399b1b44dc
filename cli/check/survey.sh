#!/bin/sh
# What `fakevpc check` asks a server on which nothing is installed yet; nothing is changed. Standard output has a section
# for each answer, "### NAME" and its lines, each after one space. Who logs in need not be root: "login" says what is possible.
# Arguments: PREFIX.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
prefix=$1

# section NAME: standard input as its lines.
section() {
  printf '### %s\n' "$1"
  awk '{ print " " $0 }'
}

has() { command -v "$1" > /dev/null; }

as_root() {
  case "$login" in
    root) "$@" ;;
    sudo) sudo -n "$@" ;;
    *) return 1 ;;
  esac < /dev/null 2> /dev/null
}

login=none
if [ "$(id -u)" = 0 ]; then
  login=root
elif has sudo; then
  if sudo -n true < /dev/null 2> /dev/null; then login=sudo; else login=password; fi
fi

date +%s.%N | section time
printf '%s\n' "$login" | section login

system() {
  [ ! -d /run/systemd/system ] || echo systemd
  for program in apt-get ip ss wg wg-quick nft socat awk cmp flock sha256sum ping perl; do
    ! has "$program" || printf '%s\n' "$program"
  done
  [ ! -c /dev/net/tun ] || echo tun
  ! grep -qxs 0 /proc/sys/net/ipv6/conf/all/disable_ipv6 || ! grep -qxs 0 /proc/sys/net/ipv6/conf/lo/disable_ipv6 || echo ipv6
  [ ! -d /sys/module/wireguard ] && ! modinfo wireguard > /dev/null 2>&1 || echo wireguard
}
system | section system

release() {
  # shellcheck disable=SC1091
  . /etc/os-release && printf '%s\n' "${PRETTY_NAME:-}"
}
(release) 2> /dev/null | section release

if has cloud-init; then
  (timeout 5 cloud-init status 2> /dev/null || true) | section cloud-init
fi
df -Pk /var /etc 2> /dev/null | awk 'NR > 1 { print $6, int($4 / 1024) }' | section disk
as_root sshd -T | awk '$1 == "maxstartups" || $1 == "maxsessions"' | section sshd || true

# Whom the server talks to: a range of the mesh in which one of them lies would cut it off.
client=${SSH_CONNECTION:-}
printf '%s\n' "${client%% *}" | section client
awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf 2> /dev/null | section nameservers || true
if has ip; then
  ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "via") print $(i + 1) }' | section gateways
  card=$(ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }')
  [ -z "$card" ] || section mtu < "/sys/class/net/$card/mtu"
  {
    ip -o address show scope global | awk '$3 == "inet" || $3 == "inet6" { print $2, $4 }'
    ip -4 route show table all | awk '
      $1 ~ /^(local|broadcast|unreachable|blackhole|default|0\.0\.0\.0\/)/ || $1 == "128.0.0.0/1" { next }
      { for (i = 2; i < NF; i++) if ($i == "dev") print $(i + 1), $1 }'
  } | section networks
fi
find /sys/class/net -mindepth 1 -maxdepth 1 | sed 's#.*/##' | section interfaces
# The interfaces that are this mesh's already, as their confs say.
# shellcheck disable=SC2016
as_root sh -c 'grep -ls "^# fakevpc $1: " /etc/wireguard/*.conf' sh "$prefix" | sed 's#.*/##; s/\.conf$//' | section ours || true
if has ss; then ss -Hlun | awk '{ print $4 }' | section listening; fi

awk -v begin="# fakevpc $prefix: begin" -v end="# fakevpc $prefix: end" '
  $0 == begin { inside = 1 }
  !inside && !/^[ \t]*(#|$)/ { print NR, $0 }
  $0 == end { inside = 0 }' /etc/hosts | section hosts

firewall() {
  if has ufw && as_root ufw status | grep -q '^Status: active'; then
    echo ufw
    as_root ufw status | awk '/LIMIT/ { print "limit", $1 }'
  fi
  if has firewall-cmd && as_root firewall-cmd --state | grep -q running; then echo firewalld; fi
  if has nft && as_root nft list chains | grep -q 'hook input .*policy drop'; then echo nftables; fi
  if has iptables && as_root iptables -S INPUT | grep -q '^-P INPUT DROP'; then echo iptables; fi
}
firewall | section firewall
echo | section end
