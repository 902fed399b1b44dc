# networkd: systemd's own, where it runs, leaves WireGuard alone until some file of the operator's matches every interface; then
# it takes all addresses and routes that it did not make. A file of ours, which comes first by its name, keeps it off. It names no
# members, so that it need not be read again when they change.

networkd_apply() {
  local file="/etc/systemd/network/05-fakevpc-$prefix.network"
  [ -d /etc/systemd/network ] || return 0
  put "$file" 644 "told networkd to leave the mesh's interfaces alone" << FILE
[Match]
Name=${prefix}s ${prefix}c[0-9]*

[Link]
Unmanaged=yes
FILE
}

# networkd_let_go: where networkd has taken one of ours all the same, as it has not read that file yet. It then reads all of its
# files, the operator's too, which is said.
networkd_let_go() {
  local taken
  systemctl is-active --quiet systemd-networkd.service && command -v networkctl > /dev/null || return 0
  taken=$(networkctl --no-legend --no-pager list 2> /dev/null | awk -v names="$*" '
    BEGIN { count = split(names, name, " "); for (i = 1; i <= count; i++) ours[name[i]] = 1 }
    ($2 in ours) && $5 != "unmanaged" { printf " %s", $2 }')
  [ -n "$taken" ] || return 0
  act networkctl reload
  changed "had networkd read its files again, as it managed$taken"
}

networkd_remove() {
  rm -f "/etc/systemd/network/05-fakevpc-$prefix.network"
}
