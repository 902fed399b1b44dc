# A service's unit runs this, as a user of its own. From each address that the unit's file names a socat forwards to 127.0.0.1,
# while something listens there itself and neither on every address nor on that one: a socat in its place would keep the
# service from its port at the next restart.
set -eu
port=$1 file=$2
running='' # a word ADDRESS=PID for each socat
free=' '   # the addresses that a socat could have taken a second ago
said=''

main() {
  read_addresses
  trap read_addresses HUP
  while :; do
    look
    end_unwanted
    start_wanted
    sleep 1
  done
}

read_addresses() {
  addresses=" $(sed -n 's/^# address //p' "$file" | tr '\n' ' ')"
}

say() {
  [ "$said" = "$1" ] || printf '%s\n' "$1"
  said=$1
}

# look: $wanted are the addresses to forward from, $taken those at which something listens.
look() {
  local heard socket address loopback='' everywhere='' everywhere6=''
  heard=$(ss -Hltn "sport = :$port")
  taken=' ' wanted=' '
  while read -r _ _ _ socket _; do
    address=${socket%:*}
    address=${address%%%*} address=${address#[} address=${address%]}
    case "${address#::ffff:}" in
      127.0.0.1) loopback=yes ;;
      0.0.0.0 | '*') everywhere=yes ;; # and a restart may bind the other family as well
      ::) everywhere6=yes ;;
      *) taken="$taken${address#::ffff:} " ;;
    esac
  done << HEARD
$heard
HEARD
  if [ -n "$everywhere" ]; then
    say "something listens on every address of port $port: nothing to forward"
  elif [ -z "$loopback" ]; then
    say "nobody listens on 127.0.0.1:$port: waiting"
  else
    say "forwarding to 127.0.0.1:$port"
    for address in $addresses; do
      case "$everywhere6$address" in yes*:*) ;; *) wanted="$wanted$address " ;; esac
    done
  fi
}

# end_unwanted: a connection that a socat has handed on lives on.
end_unwanted() {
  local word left=''
  for word in $running; do
    kill -0 "${word##*=}" 2> /dev/null || continue
    if has "$wanted" "${word%=*}"; then
      left="$left $word"
    else
      kill "${word##*=}"
    fi
  done
  running=$left
}

# start_wanted: where nothing has listened for a second, as a service may bind its addresses one after another.
start_wanted() {
  local address now=' '
  for address in $wanted; do
    case "$running " in *" $address="*) continue ;; esac
    if has "$taken" "$address"; then continue; fi
    if has "$free" "$address"; then
      start "$address"
    else
      now="$now$address "
    fi
  done
  free=$now
}

# start ADDRESS. freebind: whether its interface is up yet or not. -t: a client that has said all, and so closed its direction,
# is answered by a service that takes its time; socat alone would hang up after half a second.
start() {
  local listen="TCP4-LISTEN:$port,bind=$1"
  case "$1" in *:*) listen="TCP6-LISTEN:$port,bind=[$1],ipv6only=1" ;; esac
  socat -t 600 "$listen,freebind,fork,reuseaddr,backlog=128" "TCP4:127.0.0.1:$port" < /dev/null &
  running="$running $1=$!"
}

# has WORDS WORD: each of the words stands between spaces.
has() {
  case "$1" in *" $2 "*) return 0 ;; esac
  return 1
}

main
