# names: whether a name yields the address of a pair or the one that is the same for everybody. $home/answered lists those of
# the latter that have answered.

# hosts_choose FILE: the lines of the block. One that ends in "stable=ADDRESS" is at that address once the peer has answered
# there, so that no name leads to a server that is not so far yet; the server itself is so far.
hosts_choose() {
  touch "$stage/answered"
  awk -v answered="$stage/answered" '
    BEGIN { while ((getline line < answered) > 0) there[line] = 1 }
    sub(/ stable=/, " ") {
      address = $NF
      NF--
      if (($1 ~ /^127\./) || (address in there)) $1 = address
    }
    { print }' "$1"
}

# hosts_ask FILE: which peers have answered at their one address, in $stage/answered; those that had not yet are asked now.
hosts_ask() {
  local address
  : > "$stage/answered"
  sed -n '/^127\./! s/.* stable=//p' "$1" | sort > "$stage/asked"
  [ -s "$stage/asked" ] || {
    act rm -f "$home/answered"
    return 0
  }
  [ ! -e "$home/answered" ] || sort "$home/answered" | comm -12 - "$stage/asked" > "$stage/answered"
  mkdir -p "$stage/pings"
  while read -r address; do
    if ! grep -qxF "$address" "$stage/answered"; then
      if ping -n -q -c 2 -i 0.2 -W 1 "$address" > /dev/null 2>&1; then : > "$stage/pings/$address"; fi &
    fi
  done < "$stage/asked"
  wait
  for address in "$stage/pings"/*; do
    [ ! -e "$address" ] || printf '%s\n' "${address##*/}" >> "$stage/answered"
  done
  put "$home/answered" 600 < "$stage/answered"
}

# hosts_move: names of peers that have answered since move to their one address.
hosts_move() {
  grep -q ' stable=' "$home/hosts.plan" 2> /dev/null || return 0
  hosts_ask "$home/hosts.plan"
  hosts_choose "$home/hosts.plan" > "$stage/hosts.block"
  cmp -s "$stage/hosts.block" "$home/hosts.block" || {
    put "$home/hosts.block" 600 < "$stage/hosts.block"
    hosts_write "$stage/hosts.block"
  }
}
