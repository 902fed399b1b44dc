# host.sh STEP VERB PREFIX MESH SERVER [OPTION]   one step of one server, as a Command of Pulumi runs it
# host.sh started|stopping PREFIX INTERFACE      the hooks of a conf
# host.sh watch|restore PREFIX                   what systemd runs
# host.sh forget PREFIX                          what an administrator runs, to be rid of a mesh that is gone
main() {
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export PATH LC_ALL=C
  umask 077
  step=$1
  case "$step" in
    started | stopping | watch | restore | forget)
      prefix=$2
      server=$(uname -n)
      home="$root/$prefix"
      case "$step" in
        started | stopping) "$step" "$3" ;;
        watch) watch ;;
        restore) lock && hosts_restore ;;
        forget) lock && forget ;;
      esac
      return
      ;;
  esac
  verb=$2 prefix=$3 mesh=$4 server=$5
  home="$root/$prefix"
  shift 5
  lock
  case "$verb" in
    apply) "${step}_apply" "$@" ;;
    delete)
      if owned; then
        "${step}_delete"
        rm -f "$home/$step.owner"
      else
        echo "$server $step: left as it is: it is not, or no longer, ours"
      fi
      ;;
  esac
  unit_reload
  [ "$something_changed" = yes ] || echo "$server $step: nothing to change"
}

main "$@"
