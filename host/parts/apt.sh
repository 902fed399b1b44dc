# apt: installs by apt-get. What counts is whether the programs are there in the end; what apt-get does not like besides, a
# source that is gone or another's package that is half-configured, is told and left alone.

# undisturbing COMMAND…: what it says becomes $stage/apt. Nothing here may ask a question, as no terminal is there to answer
# it; no service of the operator's is restarted; hooks find the umask of a normal system, and no lock of ours that a daemon
# could inherit.
undisturbing() (
  umask 022
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1
  exec "$@" > "$stage/apt" 2>&1 < /dev/null 9<&-
)

# apt_get WORDS…: another program that has apt's locks is waited for, as a fresh server often upgrades itself.
apt_get() {
  local tries=0
  until undisturbing apt-get -y -q -o DPkg::Lock::Timeout=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"; do
    grep -qE '^E: (Could not get lock|Unable to (acquire|lock))' "$stage/apt" || return 1
    [ "$tries" -lt 120 ] || return 1
    [ "$tries" != 0 ] || tell "waiting for the locks of apt, which another program has, for ten minutes at most"
    tries=$((tries + 1))
    sleep 2
  done
}

apt_install() {
  asked=''
  tell "installing$packages by apt-get"
  # Lists that are fresh enough save a download; a server that never had any fails here at once.
  apt_try "$packages"
  if [ -n "$missing" ]; then
    update_lists
    apt_try "$packages"
  fi
  # A package that cannot be had keeps no other away.
  for package in $packages; do
    apt_try "$package"
  done
  [ -z "$missing" ] || apt_failed
  changed "installed$asked"
  note_apt
}

# apt_try PACKAGES: also where they are installed, as a program of theirs may have been deleted.
apt_try() {
  local package
  for package in $1; do
    case "$asked " in
      *" $package "*) ;;
      *) asked="$asked $package" ;;
    esac
  done
  # shellcheck disable=SC2086 # packages
  if apt_get install --no-install-recommends --reinstall $1; then
    rm -f "$stage/complaint"
  else
    complaint > "$stage/complaint"
  fi
  look
}

# complaint: the first error that apt-get told.
complaint() {
  grep -m 1 '^E: ' "$stage/apt" || tail -n 1 "$stage/apt"
}

apt_failed() {
  local package words
  tail -n 30 "$stage/apt" >&2
  for package in $packages; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)" != installed ] ||
      die "missing or not running:$missing, though the package $package is installed: find out with 'dpkg --verify $package' and 'command -v$missing' on the server what stands in its place, and run again"
  done
  words=$(cat "$stage/complaint" "$stage/lists" 2> /dev/null | sort -u | head -n 3 | tr '\n' ';' | sed 's/;$//; s/;/; /g')
  die "apt-get could not install$packages ($words): read apt's lines above, mend the server's package sources and run again"
}

# update_lists: as far as the sources are there. The first that is not is left in $stage/lists.
update_lists() {
  finish_dpkg
  rm -f "$stage/lists"
  apt_get update || grep -m 1 '^E: ' "$stage/apt" > "$stage/lists" || complaint > "$stage/lists"
  # It ends well where a source did not answer at all.
  [ -s "$stage/lists" ] || grep -m 1 -E '^W: (Failed|Some index files failed|GPG error)' "$stage/apt" > "$stage/lists" || rm -f "$stage/lists"
}

# finish_dpkg: what an interrupted run has left keeps apt-get from all else.
finish_dpkg() {
  [ -n "$(dpkg --audit)" ] || return 0
  undisturbing dpkg --configure -a --force-confdef --force-confold || true
}

# note_apt: what apt-get ran into.
note_apt() {
  local packages
  [ ! -s "$stage/lists" ] ||
    note "apt-get update could not read every source ($(cat "$stage/lists"))" "mend that source, or take it out of /etc/apt, on the server"
  packages=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | awk '$1 ~ /^(half-|unpacked)/ { printf " %s", $2 }')
  if [ -n "$packages" ]; then
    note "dpkg has packages that are not configured:$packages" "run 'dpkg --configure -a' on the server, and mend what it says"
  elif [ -s "$stage/complaint" ] && [ ! -s "$stage/lists" ]; then
    note "apt-get was not content ($(cat "$stage/complaint")), though all that the mesh needs is there" "run 'apt-get check' on the server, and mend what it says"
  fi
}
