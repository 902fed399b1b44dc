#!/bin/sh
# Removes what outlives the processes of a lab: its control groups and its directory.
set -eu
directory=$1 group=$2

# The kernel lets go of a control group a moment after its last process.
for _ in $(seq 100); do
  left=no
  for tree in "/sys/fs/cgroup/$group" /sys/fs/cgroup/*/"$group"; do
    [ -d "$tree" ] || continue
    find "$tree" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [ ! -d "$tree" ] || left=yes
  done
  [ "$left" = yes ] || break
  sleep 0.1
done
rm -rf --one-file-system "$directory"
