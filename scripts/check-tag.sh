#!/bin/sh
# check-tag.sh TAG: says whether a release's tag is the version that the package, the plugin and the policy pack have.
set -eu
cd "$(dirname "$0")/.."

tag=${1:?usage: check-tag.sh TAG}

say() { printf '%s\n' "fakevpc: $*"; }

failed=no
for file in ./package.json plugin/package.json policies/package.json; do
  version=$(node -p 'require(require("node:path").resolve(process.argv[1])).version' "$file")
  [ "v$version" = "$tag" ] || { say "$file has the version $version, the tag is $tag" >&2; failed=yes; }
done
grep -q "^## ${tag#v}\b" CHANGELOG.md || { say "CHANGELOG.md has no part about ${tag#v}" >&2; failed=yes; }
[ "$failed" = no ] || exit 1
say "$tag is the version of all packages"
