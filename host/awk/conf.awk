# The one reader of our own confs. read_conf(FILE) sets the globals address, mtu, port, private_key and peers, a count, and of
# the peer I peer_name[I], peer_key[I], shared_key[I], allowed[I], keepalive[I] and endpoint[I], as "wg show all dump" has them.

function read_conf(file,  line, at, name, value) {
  address = mtu = port = private_key = ""
  peers = 0
  while ((getline line < file) > 0) {
    if (line == "[Peer]") {
      peers++
      peer_name[peers] = peer_key[peers] = allowed[peers] = endpoint[peers] = ""
      shared_key[peers] = "(none)"
      keepalive[peers] = "off"
    }
    if (line ~ /^# / && peers) peer_name[peers] = substr(line, 3)
    at = index(line, " = ")
    if (!at) continue
    name = substr(line, 1, at - 1)
    value = substr(line, at + 3)
    if (name == "Address") address = value
    else if (name == "MTU") mtu = value
    else if (name == "ListenPort") port = value
    else if (name == "PrivateKey") private_key = value
    else if (name == "PublicKey") peer_key[peers] = value
    else if (name == "PresharedKey") shared_key[peers] = value
    else if (name == "AllowedIPs") allowed[peers] = value
    else if (name == "Endpoint") endpoint[peers] = value
    else if (name == "PersistentKeepalive") keepalive[peers] = value
  }
  close(file)
}
