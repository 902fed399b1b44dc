# Ranges of IPv4 addresses. parse(TEXT) sets the globals "first" and "last" to the ends of a range, as numbers.

function number(address,  part) {
  split(address, part, ".")
  return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
}

function dotted(n) {
  return int(n / 16777216) "." int(n / 65536) % 256 "." int(n / 256) % 256 "." n % 256
}

function parse(text,  half, size) {
  if (text == "default") text = "0.0.0.0/0"
  if (split(text, half, "/") == 1) half[2] = 32
  size = 2 ^ (32 - half[2])
  first = number(half[1]) - number(half[1]) % size
  last = first + size - 1
}

# The lines of a file, as range_text[I], range_first[I] and range_last[I], and their range_count.
function read_ranges(file,  line) {
  while ((getline line < file) > 0) {
    parse(line)
    range_text[++range_count] = line
    range_first[range_count] = first
    range_last[range_count] = last
  }
}
