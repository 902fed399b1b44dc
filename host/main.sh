# host.sh STEP VERB PREFIX MESH SERVER [OPTION]   one step of one server, as a Command of Pulumi runs it
# host.sh started|restore|forget PREFIX [NAME]    what the server itself, or its administrator, runs
main() {
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export PATH LC_ALL=C
  umask 077
  step=$1
  case "$step" in
    started | restore | forget)
      prefix=$2
      server=$(uname -n)
      home="$root/$prefix"
      case "$step" in
        started) started "$3" ;; # holds no lock: the step that starts the interface has it
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
  [ "$something_changed" = yes ] || echo "$server $step: nothing to change"
}

main "$@"
