#!/bin/sh
# Compiles the project into dist/, and keeps there of which sources that was.
set -eu
cd "$(dirname "$0")/.."
digest=$(node scripts/digest.js)
node node_modules/typescript/bin/tsc
printf '%s\n' "$digest" >dist/sources.sha256
