#!/bin/sh
# Looks at the whole project without running it: types, lint and format, shell scripts, code that nothing uses.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "fakevpc: $*"; }

failed=
check() {
  name=$1
  shift
  say "checking $name"
  "$@" || failed="$failed, $name"
}

lint() { node_modules/.bin/biome check --error-on-warnings; }

examples() { node node_modules/typescript/bin/tsc -p examples; }

api_reference() {
  written=$(mktemp -d)
  result=0
  { npm run --silent docs -- --out "$written" && diff docs/api.md "$written/api.md"; } || result=1
  rm -r "$written"
  [ "$result" = 0 ] || say 'docs/api.md is stale: "npm run docs" writes it anew' >&2
  return "$result"
}

unused() { node_modules/.bin/knip --treat-config-hints-as-errors; }

shell_scripts() {
  sh scripts/needs.sh check || return 1
  # Most files in host/ are parts of one program, which is checked as the servers get it. POSIX has no "local", but each
  # shell of a server has; the single quotes are around programs for awk.
  text=$(node -p "$program") || return 1
  printf '%s\n' "$text" | shellcheck -s sh -e SC3043,SC2016 - || return 1
  shellcheck -s sh -e SC3043 host/launch/*.sh host/units/*.sh cli/server/probe.sh || return 1
  # No name of a file here has a space in it.
  # shellcheck disable=SC2046
  shellcheck .ci/run $(own_files -name '*.sh' -not -path './host/*' -not -path './cli/server/probe.sh')
}

program='require("./dist/components/hostProgram").hostProgram'

# The linter of GitHub's workflows is a Go module, compiled at first use.
workflows() {
  if ! command -v go >/dev/null; then
    say "not checked: Go is missing (https://go.dev), which compiles actionlint"
    return 0
  fi
  linter=${FAKEVPC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fakevpc}/programs/actionlint-$actionlint
  if [ ! -x "$linter/actionlint" ]; then
    log=$(mktemp)
    GOBIN=$linter go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    rm "$log"
  fi
  "$linter/actionlint" .github/workflows/*.yml examples/ci/*.yml
}

actionlint=v1.7.12

own_files() { find . -type d \( -name node_modules -o -name dist -o -name .git \) -prune -o -type f "$@" -print; }

warn_of_long_files() {
  own_files \( -name '*.ts' -o -name '*.sh' \) | xargs wc -l |
    awk '$1 > 300 && $2 != "total" { print "fakevpc: warning: " $2 " has " $1 " lines; 300 fit in the head" }'
}

sh scripts/setup.sh # the compiler checks the types
check "lint and format" lint
check "shell scripts" shell_scripts
check "workflows" workflows
check "unused code" unused
check "examples of clouds" examples
check "API reference" api_reference
warn_of_long_files
[ -z "$failed" ] || { say "failed: ${failed#, }" >&2; exit 1; }
say "all checks passed"
