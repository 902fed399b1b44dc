# The mesh's own nft table: the isolation of the mesh, and the forwarders in the kernel. It is replaced as a whole.

table_apply() {
  local table="fakevpc_$prefix" unit="fakevpc-$prefix-firewall.service" nft
  nft=$(command -v nft)
  act mkdir -p "$home/firewall"
  if ! cmp -s "$stage/table.nft" "$home/firewall/table.nft" || ! table_is_loaded "$table"; then
    act table_load "$table"
    changed "loaded the nft table $table"
  fi
  keep_itself
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

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$nft -f $home/firewall/table.nft

[Install]
WantedBy=sysinit.target
UNIT
  unit_enable "$unit"
  table_keep "$unit" "$nft -f $home/firewall/table.nft"
  systemctl is-active --quiet "$unit" || {
    unit_do start "$unit"
    changed "started $unit"
  }
}

table_dropin() {
  echo "nftables.service.d/fakevpc-$prefix.conf"
}

# table_keep UNIT LOAD: nftables.service empties the whole rule set when it starts, is reloaded or stops. The table is back before
# systemd calls that done, unless our own unit was stopped.
table_keep() {
  local file load="-/bin/sh -c 'systemctl is-active --quiet $1 && exec $2'" known=''
  file=$(table_dropin)
  act mkdir -p -m 755 "/etc/systemd/system/${file%/*}"
  [ ! -e "/etc/systemd/system/$file" ] || known=yes
  unit_put "$file" << DROPIN
[Service]
ExecStartPost=$load
ExecReload=$load
ExecStopPost=$load
DROPIN
  # Where systemd does not know nftables.service yet, it will see this by itself.
  [ -n "$known" ] || ! unit_is_known nftables.service || unit_changed
}

# keep_itself: which addresses the kernel forwards nothing from, as something listens there itself.
keep_itself() {
  if [ -s "$stage/itself" ] || [ -e "$home/firewall/itself" ]; then put "$home/firewall/itself" 600 < "$stage/itself"; fi
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
  local table="fakevpc_$prefix" file
  file="/etc/systemd/system/$(table_dropin)"
  if [ -e "$file" ]; then
    unit_changed
    rm -f "$file"
    rmdir --ignore-fail-on-non-empty "${file%/*}"
  fi
  unit_remove "fakevpc-$prefix-firewall.service"
  if nft list table inet "$table" > /dev/null 2>&1; then
    nft delete table inet "$table"
    changed "removed the nft table $table"
  fi
  rm -rf "$home/firewall"
}
