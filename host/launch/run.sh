# Runs a step by the host program at "$0", which the step 'packages' installed.
[ -e "$0" ] && exec sh "$0" "$@"
echo "fakevpc: $5 $1: $0 is gone: was the server rebuilt? Change 'reapply' of this server in the config and run again" >&2
exit 1
