#!/bin/sh
# plugin-archive.sh DIRECTORY: packs the plugin for a release, an archive for each platform, as "pulumi plugin install" looks
# for them. All have the same content: the plugin without its sources, and the library as an npm package to be installed.
set -eu
cd "$(dirname "$0")/.."

mkdir -p "${1:?usage: plugin-archive.sh DIRECTORY}"
to=$(cd "$1" && pwd)
version=$(node -p 'require("./package.json").version')
content=$(mktemp -d)
trap 'rm -rf "$content"' EXIT

for file in PulumiPlugin.yaml components.js install.js main.js provider.js pulumi-resource-fakevpc schema.json; do
  cp "plugin/$file" "$content/"
done
cp LICENSE "$content/"
node scripts/pluginManifest.js >"$content/package.json"

for platform in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
  tar -czf "$to/pulumi-resource-fakevpc-v$version-$platform.tar.gz" -C "$content" .
done
ls "$to"
