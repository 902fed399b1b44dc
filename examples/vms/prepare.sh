#!/bin/sh
# Puts the package fakevpc where this program imports it, as npm would publish it, and compiles the program.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
repository=$here/../..
package=$here/node_modules/fakevpc

rm -rf "$package"
mkdir -p "$package"
# Its dependencies are found in the repository's own node_modules, above.
archive=$(cd "$repository" && npm pack --silent --ignore-scripts --pack-destination "$here/node_modules")
tar -xzf "$here/node_modules/$archive" -C "$package" --strip-components=1
rm "$here/node_modules/$archive"
node "$repository/node_modules/typescript/bin/tsc" -p "$here"
