#!/bin/sh
# test-file.sh RESULTS PART SECONDS FILE: runs the tests of one file under a watchdog of its own. Where FAKEVPC_TRIES is 2, a file
# that fails is run once more, which tells an accident of the machine from a fault; the summary names each such file.
set -eu
results=$1 part=$2 limit=$3 file=$4
report=$results/$part.$(basename "$file" .test.ts)

watched() {
  sh scripts/watchdog.sh "$limit" "$file" \
    node_modules/.bin/jest --selectProjects "$part" --verbose --json --outputFile "$report.json" --runTestsByPath "$file" 2>&1
}

try() {
  status=0
  rm -f "$report.json"
  if [ "$part" = lab ]; then
    # Another file runs beside it, so its report is printed in one piece.
    watched >"$report.txt" || status=$?
    flock "$results" cat "$report.txt"
  else
    watched || status=$?
  fi
}

try
if [ "$status" != 0 ] && [ "${FAKEVPC_TRIES:-1}" = 2 ]; then
  printf '%s\n' "fakevpc: $file failed, and is run once more"
  printf '%s\n' "$file" >>"$results/again"
  try
fi
[ -e "$report.json" ] || echo "$file" >"$report.ended"
exit "$status"
