# The peers without a handshake, from "wg show all dump" on standard input: of the interfaces "names", or, for the task
# "dialled", of those that listen on no port of the plan, where an endpoint is known. Needs conf.awk.

BEGIN {
  count = split(names, name, " ")
  for (i = 1; i <= count; i++) ours[name[i]] = 1
}

NF == 9 && ($1 in ours) && $6 == 0 {
  if (task == "dialled") {
    if ($4 == "(none)") next
    read_conf("/etc/wireguard/" $1 ".conf")
    if (port != "") next
  }
  print $1, $2, $3, $4, $5, $9
}
