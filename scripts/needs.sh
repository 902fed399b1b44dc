#!/bin/sh
# needs.sh USE…: installs what this machine lacks of needs.txt for these uses, or says what that is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "fakevpc: $*"; }

is_there() {
  case $1 in
    # A path may be a pattern.
    /*) for file in $1; do [ ! -e "$file" ] || return 0; done; return 1 ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# The names of packages that are missing, each once.
missing() {
  while read -r program package uses; do
    case $program in '' | '#'*) continue ;; esac
    for use; do
      case ",$uses," in *",$use,"*) is_there "$program" || echo "$package" ;; esac
    done
  done <"$here/needs.txt" | sort -u
}

# Two runs take turns, and the second finds what the first installed.
exec 9<"$here/needs.txt"
! command -v flock >/dev/null || flock 9

packages=$(missing "$@" | tr '\n' ' ')
packages=${packages% }
[ -n "$packages" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  say "this machine lacks what these Debian packages hold, please install it: $packages" >&2
  exit 1
fi

say "installing $packages with apt-get"
case " $packages " in
  *" openssh-server "*)
    # The tests start an SSH server of their own. The machine's is to let nobody in.
    mkdir -p /etc/ssh
    : >/etc/ssh/sshd_not_to_be_run
    ;;
esac
case " $packages " in
  *" prometheus "*)
    # The tests use promtool alone. The server that comes with it is not to run.
    mkdir -p /etc/systemd/system
    ln -sfn /dev/null /etc/systemd/system/prometheus.service
    ;;
esac
log=$(mktemp)
apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1; }
# shellcheck disable=SC2086
if ! { apt update && apt install -y --no-install-recommends $packages; }; then
  cat "$log" >&2
  rm "$log"
  say "apt-get could not install $packages: read its lines above" >&2
  exit 1
fi
rm "$log"
