#!/bin/bash
# Builds the Debian image that every server's disk starts from. Standard input is the text of the apt sources, or empty
# where mmdebstrap's own are to be taken. What they are is kept beside the image, in IMAGE.sources.
set -eu
target=$1 suite=$2 packages=$3
here=$(cd "$(dirname "$0")" && pwd)

[ ! -d "$target" ] || exit 0
building=$target.building
rm -rf --one-file-system "$building"
sources=$building.sources
cat >"$sources"
given=()
[ ! -s "$sources" ] || given=("$sources")

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook="sh '$here/base-customize.sh' \"\$1\"" \
  "$suite" "$building" "${given[@]}" </dev/null

[ -s "$sources" ] || cat "$building/etc/apt/sources.list" >"$sources"

# The servers ask the lab's proxy, in plain http also for a mirror that the proxy asks in https.
format=list
[ "${#given[@]}" = 0 ] || format=sources
rm -f "$building"/etc/apt/sources.list.d/*
: >"$building/etc/apt/sources.list"
sed 's#https://#http://#g' "$sources" >"$building/etc/apt/sources.list.d/debian.$format"
mv "$sources" "$target.sources"
mv "$building" "$target"
