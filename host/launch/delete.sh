# Takes a mesh off the server by the host program at "$0". Where that is gone, so is all that it wrote.
[ -e "$0" ] && exec sh "$0" "$@"
cat > /dev/null
