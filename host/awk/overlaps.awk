# Networks of the server, "INTERFACE NETWORK" a line, against the file "ranges" of the mesh: a line "RANGE NETWORK on INTERFACE"
# for the first overlap of each range. Those on the interfaces "ours" are none. Needs ranges.awk.

BEGIN {
  while ((getline line < ranges) > 0) {
    parse(line)
    text[++count] = line
    from[count] = first
    to[count] = last
  }
}

index(ours, " " $1 " ") == 0 {
  parse($2)
  for (i = 1; i <= count; i++) if (!told[i] && first <= to[i] && last >= from[i]) { told[i] = 1; print text[i], $2 " on " $1 }
}
