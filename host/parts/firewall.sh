# firewall: where asked, a firewall of the server's own lets the mesh in. Only what we added is ever taken back, so the
# record has a line "FIREWALL KIND WHAT" for each.

# firewall_apply: a rule "port N" or "interface NAME" for each line of $stage/rules.
firewall_apply() {
  local firewall manager kind what
  firewall=$(running_firewall)
  [ -n "$firewall" ] || [ -s "$home/firewall.rules" ] || return 0
  : > "$stage/rules.wanted"
  [ -z "$firewall" ] || sed "s/^/$firewall /" "$stage/rules" > "$stage/rules.wanted"
  { [ ! -e "$home/firewall.rules" ] || sort "$home/firewall.rules"; } > "$stage/rules.had"
  while read -r manager kind what; do
    grep -qxF "$manager $kind $what" "$stage/rules.wanted" || {
      act close_rule "$manager" "$kind" "$what"
      changed "closed the $kind $what in $manager"
    }
  done < "$stage/rules.had"
  : > "$stage/rules.kept"
  while read -r manager kind what; do
    if is_open "$manager" "$kind" "$what"; then
      # What somebody else opened before us stays theirs.
      ! grep -qxF "$manager $kind $what" "$stage/rules.had" || echo "$manager $kind $what" >> "$stage/rules.kept"
    else
      act open_rule "$manager" "$kind" "$what"
      changed "opened the $kind $what in $manager"
      echo "$manager $kind $what" >> "$stage/rules.kept"
    fi
  done < "$stage/rules.wanted"
  put "$home/firewall.rules" 600 < "$stage/rules.kept"
}

running_firewall() {
  if command -v ufw > /dev/null && ufw status 2> /dev/null | grep -q '^Status: active'; then
    echo ufw
  elif command -v firewall-cmd > /dev/null && firewall-cmd --state > /dev/null 2>&1; then
    echo firewalld
  fi
}

is_open() {
  case "$1 $2" in
    "ufw port") ufw show added | grep -q "^ufw allow $3/udp" ;;
    "ufw interface") ufw show added | grep -q "^ufw allow in on $3\( \|\$\)" ;;
    "firewalld port") firewall-cmd --quiet --permanent --query-port="$3/udp" && firewall-cmd --quiet --query-port="$3/udp" ;;
    "firewalld interface")
      firewall-cmd --quiet --permanent --zone=trusted --query-interface="$3" && firewall-cmd --quiet --zone=trusted --query-interface="$3"
      ;;
  esac
}

open_rule() {
  case "$1 $2" in
    "ufw port") ufw allow "$3/udp" comment "fakevpc $prefix" ;;
    "ufw interface") ufw allow in on "$3" comment "fakevpc $prefix" ;;
    "firewalld port") firewall-cmd --quiet --permanent --add-port="$3/udp" && firewall-cmd --quiet --add-port="$3/udp" ;;
    "firewalld interface")
      firewall-cmd --quiet --permanent --zone=trusted --change-interface="$3" && firewall-cmd --quiet --zone=trusted --change-interface="$3"
      ;;
  esac > /dev/null < /dev/null || die "$1 did not open the $2 $3: try it by hand on the server, or set openFirewall to false and open it yourself"
}

close_rule() {
  case "$1 $2" in
    "ufw port") ufw delete allow "$3/udp" ;;
    "ufw interface") ufw delete allow in on "$3" ;;
    "firewalld port") firewall-cmd --quiet --permanent --remove-port="$3/udp" && firewall-cmd --quiet --remove-port="$3/udp" ;;
    "firewalld interface")
      firewall-cmd --quiet --permanent --zone=trusted --remove-interface="$3" && firewall-cmd --quiet --zone=trusted --remove-interface="$3"
      ;;
  esac > /dev/null 2>&1 < /dev/null || true # the firewall itself may be gone
}

firewall_remove() {
  local manager kind what
  [ -s "$home/firewall.rules" ] || return 0
  while read -r manager kind what; do
    close_rule "$manager" "$kind" "$what"
    changed "closed the $kind $what in $manager"
  done < "$home/firewall.rules"
}
