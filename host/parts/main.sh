# host.sh host PREFIX SERVER [upgrade]     the program itself and what it needs, as a Command of Pulumi runs it
# host.sh apply PREFIX SERVER              the plan on standard input, likewise
# host.sh inspect PREFIX SERVER            what 'apply' would do with the plan that was kept
# host.sh delete PREFIX SERVER             this server's part in the mesh goes
# host.sh started|stopping PREFIX INTERFACE      the hooks of a conf
# host.sh watch|begin|restore|address PREFIX     what systemd runs
# host.sh forget PREFIX                          what an administrator runs, to be rid of a mesh that is gone
main() {
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export PATH LC_ALL=C
  umask 077
  verb=$1 prefix=$2 server=${3:-$(uname -n)} step=$1
  home="$root/$prefix"
  make_stage
  case "$verb" in
    started | stopping)
      server=$(uname -n)
      part "$verb" "$verb" "$3"
      ;;
    host)
      mesh_id=$(sed -n '1s/^# fakevpc mesh //p' "$0")
      part lock lock_and host_apply "${4:-}"
      if [ -s "$stage/failures" ] && [ -e "$stage/first" ]; then part undo forget; fi
      ;;
    apply)
      step=mesh
      part input take_input
      [ "$part_code" != 0 ] || part apply lock_and run_apply
      ;;
    inspect)
      dry=yes
      part inspect run_inspect
      ;;
    delete)
      step=host
      part input take_input
      mesh_id=$(sed -n '1s/^# fakevpc mesh //p' "$stage/input")
      [ "$part_code" != 0 ] || part delete lock_and delete_server
      ;;
    address) part address network_restore "$home/network" ;;
    watch)
      part watch watch
      watch_finish
      return
      ;;
    begin)
      part begin begin
      rm -f "/run/fakevpc/$prefix/beginner"
      ;;
    restore) part hosts lock_and hosts_restore ;;
    forget) part forget lock_and forget ;;
  esac
  finish
}

take_input() {
  cat > "$stage/input"
}

# lock_and COMMAND…: alone on this server.
lock_and() {
  lock
  "$@"
}

main "$@"
