#!/bin/sh
# Compiles the project into dist/, and keeps there of which sources that was.
set -eu
cd "$(dirname "$0")/.."
digest=$(node scripts/digest.js)
node node_modules/typescript/bin/tsc
# In one step, as a program may start meanwhile.
printf '%s\n' "$digest" >dist/sources.sha256.new
mv dist/sources.sha256.new dist/sources.sha256
