# key: the server's private key, and of each peer the public key and the key shared with it. Standard input has one
# a line, as "NAME=KEY"; the confs name them as {NAME}.

key_apply() {
  claim
  put "$home/keys" 600
  [ "$put_changed" = no ] || changed "wrote the keys"
  for template in "$home"/interfaces/*.conf; do
    [ -e "$template" ] || continue
    interface=$(basename "$template" .conf)
    remember_endpoints "$interface"
    # A peer whose key is gone is cut off now; the next step takes the rest of it away.
    fill drop "$template" | write_conf "$interface"
    converge "$interface"
  done
}

# fill drop|fail TEMPLATE: the conf with its keys in place. A paragraph that names an unknown key is left out, or
# ends it with the name of the key.
fill() {
  awk -v mode="$1" -v keys="$home/keys" '
    BEGIN {
      while ((getline line < keys) > 0) {
        at = index(line, "=")
        key["{" substr(line, 1, at - 1) "}"] = substr(line, at + 1)
      }
      RS = ""
    }
    {
      text = $0
      while (match(text, /\{[^}]*\}/)) {
        name = substr(text, RSTART, RLENGTH)
        if (!(name in key)) {
          if (mode == "drop") next
          print name > "/dev/stderr"
          exit 3
        }
        text = substr(text, 1, RSTART - 1) key[name] substr(text, RSTART + RLENGTH)
      }
      print separator text
      separator = "\n"
    }' "$2"
}

key_delete() {
  key_remove
}

key_remove() {
  [ -e "$home/keys" ] || return 0
  rm -f "$home/keys" "$home/keys.fakevpc"
  changed "removed the keys"
}
