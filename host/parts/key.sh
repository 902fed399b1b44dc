# key: the server's private key, and of each peer the public key and the key shared with it. Standard input has one
# a line, as "NAME=KEY"; the confs name them as {NAME}.

key_apply() {
  claim
  put "$home/keys" 600
  [ "$put_changed" = no ] || changed "wrote the keys"
  interfaces=$(names_of "$home"/interfaces/*.conf)
  [ -n "$interfaces" ] || return 0
  make_stage
  # A peer whose key is gone is cut off now; the next step takes the rest of it away.
  fill drop "$home"/interfaces/*.conf
  # shellcheck disable=SC2086 # names
  write_confs $interfaces
  # shellcheck disable=SC2086
  [ -z "$unsettled" ] || converge $unsettled
}

# fill drop|fail TEMPLATE…: the confs with their keys in place, in files of the same names in $stage/filled. A paragraph
# that names an unknown key is left out, or ends it with the name of the key.
fill() {
  mode=$1
  shift
  mkdir "$stage/filled"
  awk -v mode="$mode" -v keys="$home/keys" -v filled="$stage/filled" '
    BEGIN {
      while ((getline line < keys) > 0) {
        at = index(line, "=")
        key["{" substr(line, 1, at - 1) "}"] = substr(line, at + 1)
      }
      RS = ""
    }
    FNR == 1 {
      if (file) close(file)
      file = FILENAME
      sub(/.*\//, filled "/", file)
      printf "" > file
      separator = ""
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
      print separator text > file
      separator = "\n"
    }' "$@"
}

key_delete() {
  key_remove
}

key_remove() {
  [ -e "$home/keys" ] || return 0
  rm -f "$home/keys" "$home/keys.fakevpc"
  changed "removed the keys"
}
