# hosts: the mesh as this server sees it, as a block of its own in /etc/hosts.
# Every other line of the file is somebody else's and stays as it is.

hosts_apply() {
  put "$home/hosts.plan" 600 < "$stage/hosts"
  hosts_ask "$stage/hosts"
  hosts_choose "$stage/hosts" > "$stage/hosts.block"
  put "$home/hosts.block" 600 < "$stage/hosts.block"
  # cloud-init with "manage_etc_hosts: true" writes the file anew at every boot; this puts the block back after it.
  unit_put "fakevpc-$prefix-hosts.service" << UNIT
[Unit]
Description=The names of the mesh $prefix in /etc/hosts (fakevpc)
StartLimitIntervalSec=0
After=cloud-init.service cloud-init-network.service cloud-config.service

[Service]
Type=oneshot
ExecStart=/bin/sh $home/host.sh restore $prefix

[Install]
WantedBy=multi-user.target
UNIT
  unit_enable "fakevpc-$prefix-hosts.service"
  hosts_write "$stage/hosts.block"
  note_rivals
  note_unfound
}

# note_rivals: lines of the file that give a peer's name another address, too.
note_rivals() {
  local line names address place what
  while read -r line names address place; do
    what="so what is sent there by name does not take the mesh"
    [ "$place" = first ] || what="to which programs may turn instead of the mesh"
    note "line $line of /etc/hosts gives $names the address $address, $what" "take $names out of that line"
  done < "$stage/rivals"
}

# note_unfound: a peer's name that this server's programs do not find in the file. systemd-resolved looks at it every two seconds.
note_unfound() {
  local address='' name='' tries=0
  read -r address name _ << FIRST
$(grep -v '^127\.' "$stage/hosts.block" | head -n 1)
FIRST
  if [ -z "$name" ] || [ -s "$stage/rivals" ] || ! cmp -s "$stage/hosts.new" /etc/hosts; then return 0; fi
  while ! getent ahosts "$name" | grep -q "^$address "; do
    tries=$((tries + 1))
    if [ "$tries" -gt 6 ]; then
      note "programs here do not find $name, which /etc/hosts has" "give the line 'hosts:' of /etc/nsswitch.conf the word 'files', before all others"
      return 0
    fi
    sleep 0.5
  done
}

# Two meshes that call a server by one name would each see it where the other does, as the file's order has it.
refuse_names_of_others() {
  local clash
  [ -e /etc/hosts ] || return 0
  clash=$(awk -v prefix="$prefix:" -v block="$stage/hosts" '
    BEGIN { while ((getline line < block) > 0) { split(line, field, " "); ours[field[2]] = 1 } }
    /^# fakevpc [a-z0-9]+: (begin|end)$/ { mesh = $4 == "begin" ? $3 : "" }
    mesh != "" && mesh != prefix && ($2 in ours) { print $2 " in the mesh " mesh; exit }' /etc/hosts)
  [ -z "$clash" ] || die "/etc/hosts has ${clash%:} already: choose another domain"
}

# hosts_write BLOCK: the file with the lines of BLOCK in our block; without a block where BLOCK is /dev/null.
hosts_write() {
  local target begin end
  target=$(readlink -f /etc/hosts)
  begin="# fakevpc $prefix: begin"
  end="# fakevpc $prefix: end"
  [ -e "$target" ] || {
    act touch "$target"
    act chmod 644 "$target"
    [ -z "$dry" ] || target=/dev/null
  }
  awk -v begin="$begin" -v end="$end" '
    $0 == begin { if (inside || seen) exit 1; inside = seen = 1 }
    $0 == end { if (!inside) exit 1; inside = 0 }
    END { if (inside) exit 1 }' "$target" ||
    die "/etc/hosts has only half of the lines '$begin' and '$end': restore the missing one or remove both with what is ours between them"
  : > "$stage/rivals"
  awk -v begin="$begin" -v end="$end" -v block="$1" -v hostname="$(uname -n)" -v rivals="$stage/rivals" "$awk_hosts" "$target" > "$stage/hosts.new"
  if ! cmp -s "$stage/hosts.new" "$target"; then
    act hosts_replace "$target"
    changed "wrote /etc/hosts"
  fi
}

# A copy first, for its owner and mode; in a container the file may be a mount, which cannot be renamed over.
hosts_replace() {
  if ! hosts_copy "$1" 2> "$stage/words"; then
    rm -f "$1.fakevpc"
    die "$1 cannot be written: $(cause < "$stage/words")"
  fi
}

hosts_copy() {
  cp -p "$1" "$1.fakevpc" && cat "$stage/hosts.new" > "$1.fakevpc" && sync "$1.fakevpc" || return
  ! mv -f "$1.fakevpc" "$1" 2> /dev/null || return 0
  cat "$stage/hosts.new" > "$1" && rm -f "$1.fakevpc"
}

# restore: what the unit runs at boot.
hosts_restore() {
  [ ! -e "$home/hosts.block" ] || hosts_write "$home/hosts.block"
}

hosts_remove() {
  [ -e "$home/hosts.block" ] || return 0
  unit_remove "fakevpc-$prefix-hosts.service"
  hosts_write /dev/null
  rm -f "$home/hosts.block" "$home/hosts.plan" "$home/answered"
}
