import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";

const node = process.execPath;

function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-endings-"));
  afterThis(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A process that has ended is listed until its parent has heard of it. */
function ends(pid: number): Promise<void> {
  const state = () => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return waitUntil(async () => !existsSync(`/proc/${pid}`) || state() === "Z", 30, `the end of ${pid}`);
}

test("what a test left running ends with its file, and jest ends too", async () => {
  const directory = packageFile("tests/fixtures/endings");
  const settings = {
    rootDir: packageFile(),
    roots: [directory],
    testEnvironment: packageFile("tests/environment.ts"),
    transform: { "\\.ts$": require.resolve("@swc/jest") },
  };
  const jest = [node, packageFile("node_modules/jest/bin/jest.js"), "--config", JSON.stringify(settings)];
  const { code, stderr } = await run(jest, { allowFailure: true, timeout: 100_000 });
  assert.equal(code, 1, stderr);
  const [, pid] = /left (\d+)/.exec(stderr)!;
  await ends(Number(pid));
});

const watchdog = packageFile("scripts/watchdog.sh");

test("a file that hangs is ended by its limit, and named; so is all that it started", async () => {
  const pidFile = path.join(scratch(), "pid");
  const hanging = `setsid sh -c 'echo $$ > ${pidFile}; exec sleep 1000' & trap '' TERM; while :; do sleep 1000; done`;
  const { code, stdout } = await run(["sh", watchdog, "2", "mesh.test.ts", "sh", "-c", hanging], {
    allowFailure: true,
  });
  assert.notEqual(code, 0);
  assert.match(stdout, /^fakevpc: mesh\.test\.ts was not done after 2 s, and was ended$/m);
  await ends(Number(readFileSync(pidFile, "utf8")));
});

test("a file that passes keeps its status, and leaves nothing behind", async () => {
  const pidFile = path.join(scratch(), "pid");
  const leaving = `setsid sleep 1000 >/dev/null 2>&1 & echo $! > ${pidFile}; exit 7`;
  const { code } = await run(["sh", watchdog, "60", "mesh.test.ts", "sh", "-c", leaving], { allowFailure: true });
  assert.equal(code, 7);
  await ends(Number(readFileSync(pidFile, "utf8")));
});

test("the totals count a file that came to no result", async () => {
  const directory = scratch();
  const result = (passed: number, failed: number, broken: number) =>
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: broken });
  await run(
    [
      "sh",
      "-c",
      'echo "$1" > unit.json; echo "$2" > lab.mesh.json; echo x > lab.keys.ended',
      "sh",
      result(12, 0, 0),
      result(3, 1, 1),
    ],
    { cwd: directory },
  );
  const { stdout } = await run([node, packageFile("scripts/totals.js"), directory]);
  assert.equal(stdout, "15 passed, 3 failed\n");
});
