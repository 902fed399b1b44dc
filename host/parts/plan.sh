# The plan: what a server is to have, on standard input of 'apply', and kept for the runs that nobody gives one.

# read_plan FILE: what the plan means, as files in $stage.
read_plan() {
  mkdir "$stage/confs"
  ss -Hltn > "$stage/sockets" 2> /dev/null || true
  awk -v stage="$stage" -v prefix="$prefix" -v sockets="$stage/sockets" -v forwarders="$home/services" \
    "$awk_ranges $awk_sockets $awk_plan" "$1" || {
    [ -s "$stage/wrong" ] || die "the plan cannot be read: read the lines above, and run again"
    die "$(head -n 1 "$stage/wrong")"
  }
}

# check_owner: the mesh of the plan has this place, and this server a part in it.
check_owner() {
  mesh_id=$(cat "$stage/mesh")
  [ -e "$home/mesh" ] || die "$home is gone: was the server rebuilt? Change 'reapply' of this server in the config and run again"
  says "$home/mesh" "$mesh_id" ||
    die "the prefix '$prefix' belongs to another mesh here: give this one another prefix, or, if that mesh is gone for good, clear it with: sudo sh $home/host.sh forget $prefix"
  grep -qxF "$server" "$home/servers" 2> /dev/null ||
    die "'host' of this server has not run here: change 'reapply' of this server in the config and run again"
}

# run_apply: the plan of $stage/input. Its digest is the proof that this ran, and on what.
run_apply() {
  printf 'fakevpc mesh sha256:%s\n' "$(digest_of "$stage/input")"
  read_plan "$stage/input"
  check_owner
  # It stays beside the last one that was carried out, until nothing speaks against it.
  part plan put "$home/plan.new" 600 < "$stage/input"
  apply_plan
}

# run_inspect: the dry mode, with the plan that is kept.
run_inspect() {
  exec 9< /var/lib
  flock -w 2 9 || die "a run of fakevpc is at work here: ask again when it has ended"
  printf 'program sha256:%s\n' "$(digest_of "$home/host.sh")"
  [ ! -e "$home/plan.new" ] || inspect_new
  [ -e "$home/plan" ] || die "there is no plan here: run 'pulumi up'"
  printf 'plan sha256:%s\n' "$(digest_of "$home/plan")"
  read_plan "$home/plan"
  check_owner
  apply_plan
  part failed note_failed
}

# note_failed: units of the mesh that ended with an error, and that no part has told of.
note_failed() {
  local unit
  systemctl list-units --plain --no-legend --state=failed "fakevpc-$prefix-*" | awk '{ print $1 }' > "$stage/failed_units"
  while read -r unit; do
    note "$unit failed" "read 'journalctl -u $unit' on the server and mend the cause"
  done < "$stage/failed_units"
}

# inspect_new: what spoke against a plan that was given and not accepted.
inspect_new() {
  local new="$stage/new"
  printf 'new plan sha256:%s\n' "$(digest_of "$home/plan.new")"
  mkdir "$new"
  # In a stage of its own, as the other plan is to be read, too.
  local stage="$new"
  part plan read_plan "$home/plan.new"
  [ -s "$stage/failures" ] || refuse_all > /dev/null
  [ ! -s "$stage/failures" ] || sed 's/^/refuse: /' "$stage/failures"
}

digest_of() {
  sha256sum < "$1" | cut -d ' ' -f 1
}

# apply_plan: first all that speaks against it, then a peer whose key is gone, then everything, each part for itself.
apply_plan() {
  refuse_all
  [ -n "$dry" ] || [ ! -e "$stage/refused" ] || return 0
  interfaces=$(cat "$stage/interfaces")
  # shellcheck disable=SC2086 # names
  part survey survey $interfaces
  part cut cut_off
  part plan act accept_plan
  part table table_apply
  part networkd networkd_apply
  part interfaces interfaces_apply
  # shellcheck disable=SC2086
  part networkd networkd_let_go $interfaces
  part network network_apply
  part lans lans_apply
  part names hosts_apply
  part forwarders services_apply
  part relays relays_apply
  part firewall firewall_apply
  part watch watch_apply
  part units act unit_reload
  part links act wait_for_links
  part families tell_families
}

refuse_all() {
  refuse networks refuse_overlaps
  refuse ways refuse_ways
  refuse foreign refuse_foreign
  refuse network refuse_network
  refuse names refuse_names_of_others
}

refuse() {
  part "$@"
  [ "$part_code" = 0 ] || : > "$stage/refused"
}

# accept_plan: nothing spoke against it. The plan of another name on this machine is kept as long as that name stands: it
# comes back where a rename is taken back half-way.
accept_plan() {
  [ -e "$home/plan.new" ] || return 0
  if ! says "$home/planned" "$server"; then
    [ ! -e "$home/planned" ] || mv -f "$home/plan" "$home/plan.of.$(cat "$home/planned")"
    printf '%s\n' "$server" | put "$home/planned" 600
  fi
  mv -f "$home/plan.new" "$home/plan"
}

# give_back: the plan of a name that stands is carried out again, as the name whose plan was here has gone.
give_back() {
  says "$home/planned" "$server" || return 0
  server=$(tail -n 1 "$home/servers")
  [ -e "$home/plan.of.$server" ] || return 0
  step=mesh
  mv -f "$home/plan.of.$server" "$home/plan.new"
  read_plan "$home/plan.new"
  rm "$home/planned"
  apply_plan
}
