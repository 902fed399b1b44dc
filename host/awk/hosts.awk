# The hosts file on standard input, with the lines of the file "block" between "begin" and "end"; without them where "block" is
# /dev/null. They stay where they are, or come last. Where an older line has a peer's name and would win, they stand before it,
# but never before a line that tells the server its own name ("hostname", or a loopback address), nor before another mesh's.
# Other addresses that a peer's name has besides go to the file "rivals", as "LINE NAMES ADDRESS first|second": a look-up
# yields those of all lines, in their order, and an IPv6 one often before any other.

BEGIN {
  while ((getline line < block) > 0) {
    text = text line "\n"
    size++
    count = split(line, field, " ")
    for (i = 2; i <= count; i++) ours[tolower(field[i])] = field[1]
  }
  after = -1
}

$0 == begin { inside = 1; after = lines }
!inside { read_line($0) }
$0 == end { inside = 0 }

END {
  if (after < 0) after = lines
  for (i = after; i > 0 && !fixed[i]; i--) if (wins[i]) after = i - 1
  for (i = 1; i <= after; i++) print other[i]
  if (text != "") printf "%s\n%s%s\n", begin, text, end
  for (i = after + 1; i <= lines; i++) print other[i]
  for (i = 1; i <= lines; i++) {
    if (wins[i] && i <= after) print i, wins[i], address_of[i], "first" > rivals
    else if (wins[i] && !theirs_too[i]) print i + size + 2, wins[i], address_of[i], "second" > rivals
    if (beside[i]) print i + (i > after ? size + 2 : 0), beside[i], address_of[i], "second" > rivals
  }
}

function read_line(line,  count, field, i, address, mine) {
  other[++lines] = line
  if (line ~ /^# fakevpc [a-z0-9]+: begin$/) theirs = 1
  fixed[lines] = theirs_too[lines] = theirs
  if (line ~ /^# fakevpc [a-z0-9]+: end$/) theirs = 0
  sub(/#.*/, "", line)
  count = split(line, field, " ")
  address = address_of[lines] = field[1]
  if (address ~ /^127\./ || address == "::1") fixed[lines] = 1
  for (i = 2; i <= count; i++) {
    if (field[i] == hostname) fixed[lines] = 1
    mine = ours[tolower(field[i])]
    if (mine == "" || mine ~ /^127\./ || mine == address) continue
    if ((address ~ /:/) == (mine ~ /:/)) wins[lines] = listed(wins[lines], field[i])
    else if (address ~ /:/ && !theirs) beside[lines] = listed(beside[lines], field[i])
  }
}

function listed(list, name) {
  return list == "" ? name : list "," name
}
