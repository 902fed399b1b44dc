# Compares the ways of "ip route" ("### now") with the wanted ones ("### wanted", a line "INTERFACE DESTINATION SOURCE MTU",
# with "-" for what it need not say): a line for each that is not so and whose interface is there ("### links"). Where "only"
# is given, of that interface alone.

/^### / { section = $2; next }
section == "links" { sub(/[:@].*/, "", $2); there[$2] = 1 }
section == "now" {
  device = source = mtu = "-"
  for (i = 2; i < NF; i++) {
    if ($i == "dev") device = $(i + 1)
    if ($i == "src") source = $(i + 1)
    if ($i == "mtu") mtu = $(i + 1)
  }
  sub(/\/(32|128)$/, "", $1)
  now[device " " $1] = source " " mtu
}
section == "wanted" {
  short = $2
  sub(/\/(32|128)$/, "", short)
  if (($1 in there) && (only == "" || only == $1) && now[$1 " " short] != $3 " " $4) print
}
