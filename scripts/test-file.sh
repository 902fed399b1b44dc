#!/bin/sh
# test-file.sh RESULTS PART SECONDS FILE: runs the tests of one file under a watchdog of its own.
set -eu
results=$1 part=$2 limit=$3 file=$4
report=$results/$part.$(basename "$file" .test.ts)

watched() {
  sh scripts/watchdog.sh "$limit" "$file" \
    node_modules/.bin/jest --selectProjects "$part" --verbose --json --outputFile "$report.json" --runTestsByPath "$file" 2>&1
}

status=0
if [ "$part" = lab ]; then
  # Another file runs beside it, so its report is printed in one piece.
  watched >"$report.txt" || status=$?
  flock "$results" cat "$report.txt"
else
  watched || status=$?
fi
[ -e "$report.json" ] || echo "$file" >"$report.ended"
exit "$status"
