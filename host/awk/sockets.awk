# What listens, in lines of "ss -Hln". An address is without its brackets, and IPv4 as such. "*" is every address, "0.0.0.0" and "::"
# are those of one family.

function port_of(socket) {
  sub(/.*:/, "", socket)
  return socket
}

function address_of(socket) {
  sub(/:[^:]*$/, "", socket)
  sub(/%.*/, "", socket)
  gsub(/[][]/, "", socket)
  if (socket ~ /^::ffff:/) socket = substr(socket, 8)
  return socket
}

# Whether a program that listens at ADDRESS answers at "on", too.
function covers(address, on) {
  return address == "*" || address == on || address == (on ~ /:/ ? "::" : "0.0.0.0")
}
