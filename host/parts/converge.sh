# converge: brings the confs, and the interfaces that run, to what they should be, by the least that does it.

units_of() {
  printf 'wg-quick@%s.service\n' "$@"
}

# survey NAME…: $stage/verdicts gets a line for each thing that is not as the confs in $stage say (see awk/survey.awk). What runs is asked, not
# remembered: a killed wireguard-go leaves its unit active, and whoever stopped a unit did not tell us.
survey() {
  find_new_confs "$@"
  {
    echo '### states'
    # shellcheck disable=SC2046 # units
    systemctl is-active $(units_of "$@") || true
    echo '### links'
    ip -o link show
    echo '### addresses'
    ip -4 -o address show
    echo '### routes'
    ip -4 route show
    echo '### running'
    wg show all dump 2> /dev/null || true
    echo '### changed'
    cat "$stage/new_confs"
  } | awk -v names="$*" -v ours="$(recorded | tr '\n' ' ')" -v stage="$stage" "$awk_ranges $awk_conf $awk_survey" > "$stage/verdicts"
}

# find_new_confs NAME…: $stage/new_confs names those that are to be written, or that the running interface has not had yet.
find_new_confs() {
  local interface same=''
  : > "$stage/new_confs"
  ! all_confs_are_there "$@" || same=yes
  for interface; do
    if [ -e "$home/interfaces/$interface.pending" ] || { [ -z "$same" ] && ! conf_is_there "$interface"; }; then
      printf '%s\n' "$interface" >> "$stage/new_confs"
    fi
  done
}

conf_is_there() {
  cmp -s "$stage/confs/$1.conf" "/etc/wireguard/$1.conf"
}

# all_confs_are_there NAME…: as in $stage, which the watch looks for twice a minute and so not by a program for each.
all_confs_are_there() {
  local files interface
  for interface; do
    [ -e "/etc/wireguard/$interface.conf" ] || return 1
  done
  files=$(printf '%s.conf ' "$@")
  # shellcheck disable=SC2086 # names
  [ "$(cd "$stage/confs" && cat $files)" = "$(cd /etc/wireguard && cat $files)" ]
}

# cut_off: the peers that run here and are not in the plan, before all else.
cut_off() {
  local verdict interface key
  # A peer that comes back with another key is where it was. Where that cannot be written down it is cut off all the same.
  # shellcheck disable=SC2046 # names
  ! grep -q '^cut' "$stage/verdicts" || part remember act remember_endpoints $(recorded)
  while read -r verdict interface key; do
    [ "$verdict" = cut ] || continue
    act wg set "$interface" peer "$key" remove
    changed "cut off a peer of $interface that is not in the plan"
  done < "$stage/verdicts"
}

# write_confs NAME…: the confs become those in $stage. A mark says that the running interface has not had a new one yet,
# so that an interrupted run is finished by the next.
write_confs() {
  local interface
  if [ -s "$stage/new_confs" ]; then
    # shellcheck disable=SC2046 # names
    act touch $(sed "s#.*#$home/interfaces/&.pending#" "$stage/new_confs")
  fi
  for interface in $(confs_to_write "$@"); do
    part "$interface" put "/etc/wireguard/$interface.conf" 600 "wrote /etc/wireguard/$interface.conf" < "$stage/confs/$interface.conf"
    [ "$part_code" = 0 ] || : > "$stage/$interface.unwritten"
  done
  # A peer that left is forgotten.
  part remember act remember_endpoints "$@"
}

# confs_to_write NAME…: those that are new or that others may read.
confs_to_write() {
  {
    cat "$stage/new_confs"
    for interface; do printf '/etc/wireguard/%s.conf\n' "$interface"; done | xargs stat -c '%a %n' 2> /dev/null |
      sed -n '/^600 /! s#.*/\(.*\)\.conf$#\1#p'
  } | sort -u
}

# converge NAME…: carries out what "survey" found.
converge() {
  local verdict interface reason starting='' moving='' updated='' done_with=''
  # shellcheck disable=SC2046 # units
  unit_enable $(units_of "$@")
  while read -r verdict interface reason; do
    # An old conf is no help to an interface that is to start, and what runs is left to run.
    if [ -e "$stage/$interface.unwritten" ] && [ "$verdict" != update ]; then continue; fi
    case "$verdict" in
      start)
        changed "starting $interface: $reason"
        if [ -n "$dry" ] && systemctl is-failed --quiet "wg-quick@$interface.service"; then
          note "wg-quick@$interface.service failed" "$(why_not "wg-quick@$interface.service")"
        fi
        ;;
      again)
        act ip link delete dev "$interface"
        changed "starting $interface again: $reason"
        ;;
      move)
        moving="$moving wg-quick@$interface.service"
        changed "restarting $interface: $reason"
        ;;
      update)
        case "$dry$reason" in yes*"its port"*) note "$interface has not got its port" "$(why_not "wg-quick@$interface.service")" ;; esac
        act synchronise "$interface"
        changed "updated $interface: $reason"
        updated="$updated $interface"
        continue
        ;;
      cut) continue ;;
    esac
    starting="$starting wg-quick@$interface.service"
  done < "$stage/verdicts"
  # shellcheck disable=SC2086 # names
  new_endpoints $updated | act hold_endpoints
  # What moves may go where another one still is, so all of those let go first.
  # shellcheck disable=SC2086 # units
  [ -z "$moving" ] || act systemctl stop $moving
  # shellcheck disable=SC2086
  [ -z "$starting" ] || unit_do restart $starting
  for interface; do
    if [ -e "/proc/sys/net/ipv4/conf/$interface" ] && ! says "/proc/sys/net/ipv4/conf/$interface/route_localnet" 1; then
      act allow_forwarding "$interface"
      changed "let $interface forward to 127.0.0.1"
    fi
    [ -e "$stage/$interface.unwritten" ] || [ ! -e "$home/interfaces/$interface.pending" ] || done_with="$done_with $home/interfaces/$interface.pending"
  done
  # shellcheck disable=SC2086 # files
  [ -z "$done_with" ] || act rm -f $done_with
}

# synchronise NAME: tells the running interface what differs from its conf, and no more. 'wg syncconf' would take the
# allowed IPs of every peer away for a moment, and packets of peers that did not change would be lost. By a pipe, as a
# confined 'wg' may read no file of ours.
synchronise() {
  # shellcheck disable=SC2002 # a pipe is what is wanted
  cat "$stage/$1.addition" | wg addconf "$1" /dev/stdin ||
    die "wg refused what is new of $1: $(why_not "wg-quick@$1.service")"
  restore_endpoints "$1"
  # A new key of our own ends every session at once, so those whom we dial are dialled anew.
  [ -e "$stage/$1.own_key" ] || return 0
  if grep -q '^ListenPort' "/etc/wireguard/$1.conf"; then
    speak_first "$1" "$(wg show "$1" peers)"
  else
    wg show all dump | awk -v name="$1" 'NF == 9 && $1 == name && $4 != "(none)" { print $1, $2, $3, $4, $5, $9 }' | all_anew
  fi
}
