# Runs the step 'mesh' by the host program at "$0", which 'host' installed. Standard input is the plan.
[ -e "$0" ] && exec sh "$0" "$@"
cat > /dev/null
echo "fakevpc: $3 mesh: $0 is gone: was the server rebuilt? Change 'reapply' of this server in the config and run again" >&2
exit 1
