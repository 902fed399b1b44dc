# What each listener of ours in the file "wanted" does, lines "NAME PORT ADDRESS …", from "ss -Hlnp" on standard input: a line
# "VERDICT NAME PORT ADDRESS HOLDER". "ours" has the processes of our units, each between spaces. Needs sockets.awk.
#   runs     it listens
#   itself   another program listens there, HOLDER
#   half     HOLDER listens on every address of IPv4, and this one is of IPv6
#   waits    nobody listens there, and nobody on 127.0.0.1
#   deaf     nobody listens there, though somebody does on 127.0.0.1

{
  socket = address_of($4) " " port_of($4)
  holder[socket] = "somebody"
  while (match($0, /\("[^"]*",pid=[0-9]+/)) {
    split(substr($0, RSTART + 2, RLENGTH - 2), part, "\",pid=")
    if (index(ours, " " part[2] " ")) mine[socket] = 1
    else holder[socket] = part[1] " (process " part[2] ")"
    $0 = substr($0, RSTART + RLENGTH)
  }
}

END {
  while ((getline line < wanted) > 0) {
    split(line, word, " ")
    line = word[1] " " word[2] " " word[3]
    who = ""
    for (socket in holder) {
      split(socket, part, " ")
      if (part[2] == word[2] && covers(part[1], word[3])) who = holder[socket]
    }
    if ((word[3] " " word[2]) in mine) print "runs", line
    else if (who) print "itself", line, who
    else if (("0.0.0.0 " word[2]) in holder) print "half", line, holder["0.0.0.0 " word[2]]
    else if (("127.0.0.1 " word[2]) in holder) print "deaf", line
    else print "waits", line
  }
}
