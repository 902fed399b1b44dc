# Networks of the server, "INTERFACE NETWORK" a line, against the file "ranges" of the mesh: a line "RANGE NETWORK on INTERFACE"
# for the first overlap of each range. Those on the interfaces "ours" are none. Needs ranges.awk.

BEGIN {
  read_ranges(ranges)
}

index(ours, " " $1 " ") == 0 {
  parse($2)
  for (i = 1; i <= range_count; i++) if (!told[i] && first <= range_last[i] && last >= range_first[i]) { told[i] = 1; print range_text[i], $2 " on " $1 }
}
