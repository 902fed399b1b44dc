#!/bin/sh
# Runs a lab to its end, however that comes, and leaves nothing of it on this machine. Standard input: see holder.sh.
set -eu
directory=$1 group=$2 keep=$3
here=$(cd "$(dirname "$0")" && pwd)

unshare --mount --net --pid --uts --ipc --fork --kill-child \
  bash "$here/holder.sh" "$directory" "$group" "$keep" "$$" || true
sh "$here/clean.sh" "$directory" "$group"
