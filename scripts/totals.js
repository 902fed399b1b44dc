// totals.js RESULTS: adds up jest's results, and counts a file that came to none as one failure.
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const [, , results] = process.argv;
let [passed, failed] = [0, 0];
for (const name of readdirSync(results)) {
  if (name.endsWith(".ended")) failed++;
  if (!name.endsWith(".json")) continue;
  const result = JSON.parse(readFileSync(join(results, name), "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}
console.log(`${passed} passed, ${failed} failed`);
