# What endpoints are known and what is not, from "wg show all dump" on standard input. Needs conf.awk; "home" is the directory
# of the record, "names" the interfaces.
# task "remember": stage/NAME.endpoints gets a line "PEER ENDPOINT" for each peer that was ever heard, by its name; the name of
#   the interface is printed where that differs from the record.
# task "strays": a line "INTERFACE KEY ENDPOINT" for each peer that is not where its conf has it and had no session for three
#   minutes; "now" is the time.
# task "restore": a line "KEY ENDPOINT" for each peer that has none now, and had one.

NF == 9 { heard[$1, $2] = $4; handshake[$1, $2] = $6 }

END {
  count = split(names, name, " ")
  for (i = 1; i <= count; i++) {
    file = home "/" name[i] ".endpoints"
    split("", known)
    before = after = ""
    while ((getline line < file) > 0) { before = before line "\n"; split(line, old, " "); known[old[1]] = old[2] }
    close(file)
    read_conf("/etc/wireguard/" name[i] ".conf")
    for (j = 1; j <= peers; j++) {
      at = heard[name[i], peer_key[j]]
      if (task == "strays") {
        if (endpoint[j] != "" && at != "" && at != endpoint[j] && now - handshake[name[i], peer_key[j]] > 180) print name[i], peer_key[j], endpoint[j]
        continue
      }
      if (task == "restore") {
        if (at == "(none)" && (peer_name[j] in known)) print peer_key[j], known[peer_name[j]]
        continue
      }
      if (at != "" && at != "(none)") known[peer_name[j]] = at
      if (peer_name[j] in known) after = after peer_name[j] " " known[peer_name[j]] "\n"
    }
    if (task != "remember" || after == before) continue
    printf "%s", after > (stage "/" name[i] ".endpoints")
    print name[i]
  }
}
