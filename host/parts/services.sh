# services: what listens on 127.0.0.1 here is forwarded from the server's mesh addresses. $stage/socat has a line
# "NAME PORT ADDRESS" for each forwarder; a unit for each service runs host/units/forward.sh, which has a socat for each
# address. Forwarders in the kernel are rules of the table.

services_apply() {
  local name port
  cut -d ' ' -f 1,2 "$stage/socat" | sort -u > "$stage/forwarders"
  # The record names what was and what will be, before either changes.
  { cat "$home/services" 2> /dev/null || true; cat "$stage/forwarders"; } | sort -u > "$stage/services"
  put "$home/services" 600 < "$stage/services"
  remove_forwarders "$stage/forwarders"
  [ ! -s "$stage/forwarders" ] || printf '%s\n' "$script_forward" | put "$home/forward.sh" 600
  : > "$stage/starting"
  while read -r name port; do
    put_forwarder "$name" "$port"
  done < "$stage/forwarders"
  start_forwarders
  put "$home/services" 600 < "$stage/forwarders"
  [ -s "$stage/forwarders" ] || act rm -f "$home/forward.sh"
  part listening check_forwarders
  part local check_services
}

# put_forwarder NAME PORT: its unit, and whether it is among those that start. Another program restarts it; other addresses are
# told to the one that runs, as a restart would cut its connections.
put_forwarder() {
  local unit file restart=no
  unit=$(forwarder_unit "$1" "$2")
  file="/etc/systemd/system/$unit"
  socat_unit "The service $1 of the mesh $prefix at port $2" "ExecStart=/bin/sh -s $2 $file
ExecReload=/bin/kill -HUP \$MAINPID
StandardInput=file:$home/forward.sh
# program $(printf '%s\n' "$script_forward" | sha256sum | cut -c 1-8)" > "$stage/unit"
  if [ -e "$file" ]; then
    grep -v '^# address ' "$file" | cmp -s - "$stage/unit" || restart=yes
  fi
  awk -v name="$1" -v port="$2" '$1 == name && $2 == port { print "# address", $3 }' "$stage/socat" >> "$stage/unit"
  unit_put "$unit" < "$stage/unit"
  unit_enable "$unit"
  case "$restart $(systemctl is-active "$unit")" in
    "no active")
      [ "$put_changed" = no ] || unit_do reload "$unit"
      return
      ;;
    "no activating") [ -z "$dry" ] || return 0 ;; # it fails again and again, which is told later
  esac
  printf '%s\n' "$unit $1 $2" >> "$stage/starting"
}

start_forwarders() {
  local name port
  [ -s "$stage/starting" ] || return 0
  # shellcheck disable=SC2046 # units
  unit_do restart $(cut -d ' ' -f 1 "$stage/starting")
  while read -r _ name port; do
    changed "started the forwarder of $name at port $port"
  done < "$stage/starting"
}

# check_forwarders: a forwarder that was started need not run, nor listen. One that could listen has some seconds, as it looks
# twice before.
check_forwarders() {
  local name port address verdict holder unit place tries=0 settle=0
  [ -s "$stage/socat" ] || return 0
  [ -n "$dry" ] || [ ! -s "$stage/starting" ] || settle=4
  judge_forwarders
  while [ "$tries" -lt "$settle" ] || { [ "$tries" -lt 40 ] && grep -q '^deaf' "$stage/judged"; }; do
    tries=$((tries + 1))
    sleep 0.25
    judge_forwarders
  done
  while read -r name port; do
    unit=$(forwarder_unit "$name" "$port")
    ! fails_again "$unit" || cannot "the forwarder of $name at port $port cannot run" "$unit"
  done < "$stage/forwarders"
  while read -r verdict name port address holder; do
    case "$address" in *:*) place="[$address]:$port" ;; *) place="$address:$port" ;; esac
    case "$verdict" in
      deaf) cannot "the forwarder of $name at $place does not listen" "$(forwarder_unit "$name" "$port")" ;;
      half) note "$holder listens on IPv4 alone, so $name does not answer at $place" "let that program listen on 127.0.0.1 alone, or on IPv6 as well" ;;
      itself)
        note "$holder listens at $place itself, so no forwarder of $name is needed there" \
          "take $name out of services, or let that program listen on 127.0.0.1 alone"
        ;;
    esac
  done < "$stage/judged"
}

forwarder_unit() {
  echo "fakevpc-$prefix-service-$1-$2.service"
}

# judge_forwarders: without the deaf that a dry run has just told to be started, and without those whose unit cannot run.
judge_forwarders() {
  judge --tcp "$stage/socat"
  units_that_fail
  awk -v dry="$dry" -v prefix="$prefix" -v starting="$stage/starting" -v failing="$stage/failing" '
    BEGIN {
      while (dry && (getline line < starting) > 0) { split(line, word, " "); told[word[1]] = 1 }
      while ((getline line < failing) > 0) told[line] = 1
    }
    !($1 == "deaf" && ("fakevpc-" prefix "-service-" $2 "-" $3 ".service") in told)' "$stage/listeners" > "$stage/judged"
}

# check_services: a forwarder without the service that it is for.
check_services() {
  local name port
  [ -n "$dry" ] || return 0
  ss -Hltn > "$stage/listening"
  awk -v served="$stage/served" -v itself="$stage/itself" -v judged="$stage/judged" "$awk_sockets"'
    covers(address_of($4), "127.0.0.1") { heard[port_of($4)] = 1 }
    END {
      while ((getline line < itself) > 0) { split(line, word, " "); direct[word[2]] = 1 }
      while ((getline line < judged) > 0) { split(line, word, " "); if (word[1] == "itself") direct[word[3]] = 1 }
      while ((getline line < served) > 0) {
        split(line, word, " ")
        if (!(word[2] in heard) && !(word[2] in direct)) print line
      }
    }' "$stage/listening" > "$stage/silent"
  while read -r name port; do
    note "nobody listens on 127.0.0.1:$port, for the service $name" "start what serves $name"
  done < "$stage/silent"
}

# remove_forwarders KEEP: every recorded forwarder that the file KEEP does not name. An address in the record is of an earlier
# version, which had a unit for each.
remove_forwarders() {
  local name port address templates='' unit
  [ -e "$home/services" ] || return 0
  while read -r name port address; do
    if [ -n "$address" ]; then
      unit="fakevpc-$prefix-$name-$port@"
      unit_disable "$unit$address.service"
      templates="$templates $unit.service"
      changed "removed the forwarder of $name at $address:$port"
    elif ! grep -qxF "$name $port" "$1"; then
      unit_remove "$(forwarder_unit "$name" "$port")"
      changed "removed the forwarder of $name at port $port"
    fi
  done < "$home/services"
  for unit in $templates; do
    unit_remove "$unit"
  done
}

services_remove() {
  remove_forwarders /dev/null
  rm -f "$home/services" "$home/forward.sh"
}
