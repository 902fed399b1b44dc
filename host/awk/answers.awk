# The endpoints that a name yields, from "getent ahosts" on standard input, each once and the system's choice first. An address
# of the mesh or of the server itself is none, as the tunnel would dial itself: it goes to the file "inside".
# Needs ranges.awk; "port" is the peer's, "ranges" and "network" are files of the record.

BEGIN {
  read_ranges(ranges)
  while ((getline line < network) > 0) if (line ~ /^range .*:/) range6 = substr(line, 7, index(line, "::") - 5)
}

seen[$1]++ { next }
is_inside($1) { print $1 > inside; next }
{ print ($1 ~ /:/ ? "[" $1 "]" : $1) ":" port }

function is_inside(address,  i) {
  if (address ~ /^127\./ || address == "::1") return 1
  if (address ~ /:/) return range6 != "" && index(address, range6) == 1
  parse(address)
  for (i = 1; i <= range_count; i++) if (first >= range_first[i] && last <= range_last[i]) return 1
  return 0
}
