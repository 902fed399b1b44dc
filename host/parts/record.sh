# The record: which mesh has this place, and the names of its servers whose 'host' stands. After a rename on one machine the
# old name's delete comes last, and must not take what the new name has; after a rename that was taken back, the new one's.

# claim: this place is the mesh's, and its only one here.
claim() {
  local other
  for other in "$root"/*/mesh; do
    [ "$other" != "$home/mesh" ] || continue
    says "$other" "$mesh_id" || continue
    other=$(basename "${other%/mesh}")
    die "this mesh is here with the prefix '$other', which is not changed in place: take '$other' back into the config, or run 'pulumi destroy' with it before there is another"
  done
  act mkdir -p "$home"
  [ ! -e "$home/mesh" ] || says "$home/mesh" "$mesh_id" ||
    die "the prefix '$prefix' belongs to another mesh here: give this one another prefix, or, if that mesh is gone for good, clear it with: sudo sh $home/host.sh forget $prefix"
  printf '%s\n' "$mesh_id" | put "$home/mesh" 600
}

# names_but NAME: the recorded servers without that one.
names_but() {
  [ ! -e "$home/servers" ] || awk -v but="$1" '$0 != but' "$home/servers"
}

record_server() {
  { names_but "$server"; printf '%s\n' "$server"; } | put "$home/servers" 600
}

delete_server() {
  if ! says "$home/mesh" "$mesh_id" || ! grep -qxF "$server" "$home/servers" 2> /dev/null; then
    echo "$server $step: left as it is: it is not, or no longer, ours"
    : > "$stage/changed"
    return
  fi
  names_but "$server" > "$stage/servers"
  if [ -s "$stage/servers" ]; then
    put "$home/servers" 600 < "$stage/servers"
    changed "left to $(tr '\n' ' ' < "$stage/servers")what is theirs, too"
    rm -f "$home/plan.of.$server"
    give_back
  else
    forget
  fi
}

# forget: everything of this mesh on this server goes; the record last, and only if all else has gone.
forget() {
  part forwarders services_remove
  part relays relays_remove
  part names hosts_remove
  part interfaces interfaces_remove
  part networkd networkd_remove
  part network network_remove
  part lans lans_remove
  part firewall firewall_remove
  part watch watch_remove
  part table table_remove
  part units unit_reload
  [ ! -s "$stage/failures" ] || return 0
  clear_stages
  rm -rf "$home"
  rmdir --ignore-fail-on-non-empty "$root"
  changed "removed what fakevpc kept in $home"
}
