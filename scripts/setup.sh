#!/bin/sh
# Installs the project's packages where they are missing or stale, and compiles it.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "fakevpc: $*"; }

command -v npm >/dev/null || { say "npm is missing: install Node.js 20 or newer" >&2; exit 1; }

# npm writes node_modules/.package-lock.json last, so an interrupted install is done again.
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  say "installing npm packages"
  # Provider plugins are found by the set-up of the engine, not by the packages' own install scripts.
  npm ci --ignore-scripts --no-audit --no-fund
  touch "$installed"
fi
say "compiling"
sh scripts/build.sh
