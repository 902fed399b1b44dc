# The mesh's own nft table, put together from parts: the guard, which 'interfaces' writes, and the forwarders of
# 'services'. It is replaced as a whole, and loaded again whenever nftables.service has emptied the rule set.

# firewall_part NAME FILE: the file's text becomes that part of the table; no text removes the part.
firewall_part() {
  table="fakevpc_$prefix"
  unit="fakevpc-$prefix-firewall.service"
  [ -d "$home/firewall" ] || mkdir -p "$home/firewall"
  parts=
  for part in guard forward; do
    file="$home/firewall/$part.nft"
    [ "$part" != "$1" ] || file=$2
    [ ! -s "$file" ] || parts="$parts $file"
  done
  if [ -z "$parts" ]; then
    firewall_remove
    return
  fi
  {
    printf 'table inet %s\ndelete table inet %s\ntable inet %s {\n' "$table" "$table" "$table"
    # shellcheck disable=SC2086
    cat $parts
    printf '}\n'
  } > "$home/firewall/table.new"
  if ! cmp -s "$home/firewall/table.new" "$home/firewall/table.nft" || ! firewall_is_loaded; then
    nft -f "$home/firewall/table.new" || die "nft refused the table $table: read its lines above; the kernel needs nf_tables with NAT"
    put "$home/firewall/table.nft" 600 < "$home/firewall/table.new"
    nft list table inet "$table" | put "$home/firewall/listing" 600
    changed "loaded the nft table $table"
  fi
  # The part is kept only once the kernel has taken it, or what puts the table together next would stumble over it.
  if [ -s "$2" ]; then
    put "$home/firewall/$1.nft" 600 < "$2"
  else
    rm -f "$home/firewall/$1.nft"
  fi
  rm -f "$home/firewall/table.new"
  unit_put "$unit" << UNIT
[Unit]
Description=The firewall table of the mesh $prefix (fakevpc)
StartLimitIntervalSec=0
DefaultDependencies=no
RequiresMountsFor=$home
Wants=network-pre.target
After=nftables.service
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$(command -v nft) -f $home/firewall/table.nft
ExecReload=$(command -v nft) -f $home/firewall/table.nft

[Install]
WantedBy=sysinit.target nftables.service
UNIT
  if ! unit_is_enabled "$unit"; then
    unit_enable "$unit"
    # nftables.service wants it from now on; where systemd does not know that one yet, it will see so by itself.
    ! unit_is_known nftables.service || unit_changed
  fi
  systemctl is-active --quiet "$unit" || unit_do start "$unit"
}

firewall_is_loaded() {
  nft list table inet "$table" 2> /dev/null | cmp -s - "$home/firewall/listing"
}

firewall_remove() {
  unit_remove "$unit"
  if nft list table inet "$table" > /dev/null 2>&1; then
    nft delete table inet "$table"
    changed "removed the nft table $table"
  fi
  rm -rf "$home/firewall"
}
