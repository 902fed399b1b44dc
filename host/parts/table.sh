# The mesh's own nft table: the isolation of the mesh, and the forwarders in the kernel. It is replaced as a whole, and loaded
# again by a second unit whenever nftables.service starts, which empties the rule set.

table_apply() {
  local table="fakevpc_$prefix" unit="fakevpc-$prefix-firewall.service" again="fakevpc-$prefix-firewall-again.service" nft
  nft=$(command -v nft)
  act mkdir -p "$home/firewall"
  if ! cmp -s "$stage/table.nft" "$home/firewall/table.nft" || ! table_is_loaded "$table"; then
    act table_load "$table"
    changed "loaded the nft table $table"
  fi
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
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$nft -f $home/firewall/table.nft
ExecReload=$nft -f $home/firewall/table.nft

[Install]
WantedBy=sysinit.target
UNIT
  unit_put "$again" << UNIT
[Unit]
Description=The firewall table of the mesh $prefix, after nftables.service (fakevpc)
StartLimitIntervalSec=0
DefaultDependencies=no
After=nftables.service $unit

[Service]
Type=oneshot
ExecCondition=systemctl is-active --quiet $unit
ExecStart=$nft -f $home/firewall/table.nft

[Install]
WantedBy=nftables.service
UNIT
  unit_enable "$unit"
  if ! unit_is_enabled "$again"; then
    unit_enable "$again"
    # nftables.service wants it from now on; where systemd does not know that one yet, it will see so by itself.
    ! unit_is_known nftables.service || unit_changed
  fi
  systemctl is-active --quiet "$unit" || {
    unit_do start "$unit"
    changed "started $unit"
  }
}

# The file is kept only once the kernel has taken it, or the next boot would stumble over it.
table_load() {
  nft -f "$stage/table.nft" || die "nft refused the table $1: read its lines above; the kernel needs nf_tables with NAT"
  put "$home/firewall/table.nft" 600 < "$stage/table.nft"
  nft list table inet "$1" > "$stage/listing"
  put "$home/firewall/listing" 600 < "$stage/listing"
}

table_is_loaded() {
  nft list table inet "$1" 2> /dev/null | cmp -s - "$home/firewall/listing"
}

table_remove() {
  local table="fakevpc_$prefix"
  unit_remove "fakevpc-$prefix-firewall-again.service"
  unit_remove "fakevpc-$prefix-firewall.service"
  if nft list table inet "$table" > /dev/null 2>&1; then
    nft delete table inet "$table"
    changed "removed the nft table $table"
  fi
  rm -rf "$home/firewall"
}
