#!/bin/sh
# npm test                            all checks and tests
# npm test -- unit | program | lab | vms    these parts alone
#   unit     mesh/: pure functions
#   program  components/, on mocks of Pulumi's engine
#   lab      the real engine and real servers, which takes minutes (Linux and root)
#   vms      the example of virtual machines, which takes minutes, too, where they are emulated
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "fakevpc: $*"; }

for part; do
  case $part in
    unit | program | lab | vms) ;;
    *) say "there is no part \"$part\": unit, program, lab or vms" >&2; exit 2 ;;
  esac
done

# What tests leave when they are interrupted goes too; a lab ends with the process that made it.
TMPDIR=$(mktemp -d)
export TMPDIR
results=$TMPDIR/results
mkdir "$results"
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

summary=
failed=no

# run NAME COMMAND…: one part, with a line of the summary; the other parts run whether it fails or not.
run() {
  name=$1
  shift
  printf '\n'
  say "$name"
  start=$(date +%s)
  result=passed
  "$@" || result=FAILED failed=yes
  summary="$summary$(printf '  %-8s %s in %s s' "$name" "$result" "$(($(date +%s) - start))")
"
}

# together PART SECONDS: all of its files in one go
together() {
  sh scripts/needs.sh "$1" || return 1
  sh scripts/watchdog.sh "$2" "$1" \
    node_modules/.bin/jest --selectProjects "$1" --verbose --json --outputFile "$results/$1.json" && return
  [ -e "$results/$1.json" ] || echo "$1" >"$results/$1.ended"
  return 1
}

# each PART SECONDS CONCURRENCY NAME…: every file under a limit of its own, those with such a name first and then the largest,
# so that none is left to run alone at the end
each() {
  tests=$1 limit=$2 concurrency=$3
  shift 3
  {
    [ $# = 0 ] || printf "tests/$tests/%s.test.ts\\n" "$@"
    find "tests/$tests" -name '*.test.ts' -printf '%s\t%p\n' | sort -rn | cut -f 2
  } | awk '!seen[$0]++' | xargs -n 1 -P "$concurrency" sh scripts/test-file.sh "$results" "$tests" "$limit"
}

# Three at once: a test of servers waits as much as it works. The soak and the compilers take long for the size of their files.
lab() {
  sh scripts/needs.sh lab tests && node dist/lab/setup.js && each lab 1800 3 soak languages
}

vms() {
  sh scripts/needs.sh vms && each vms 5400 1
}

part() {
  case $1 in
    lab | vms) run "$1" "$1" ;;
    *) run "$1" together "$1" 900 ;;
  esac
}

if [ $# = 0 ]; then
  run check sh scripts/check.sh
  set -- unit program lab vms
else
  sh scripts/setup.sh
fi
for part; do
  part "$part"
done

printf '\n'
say "summary"
printf '%s' "$summary"
[ ! -e "$results/again" ] || say "run twice: $(tr '\n' ' ' <"$results/again")"
node scripts/totals.js "$results"
[ "$failed" = no ]
