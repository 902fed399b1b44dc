import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-plugin-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a plugin that cannot be installed says one sentence, and leaves no lock", async () => {
  for (const part of ["plugin", "components", "scripts"]) {
    cpSync(packageFile(part), path.join(directory, part), { recursive: true });
  }
  const programs = path.join(directory, "bin");
  cpSync("/bin/sh", path.join(programs, "sh"), { dereference: true });
  symlinkSync("/usr/bin/dirname", path.join(programs, "dirname"));

  const executable = path.join(directory, "plugin/pulumi-resource-fakevpc");
  const ended = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [executable], { env: { PATH: programs }, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    );
  });
  assert.equal(ended.code, 1);
  assert.equal(ended.stdout, "");
  assert.match(
    ended.stderr,
    /^fakevpc is not installed in .*\(fakevpc: npm is missing: install Node\.js.*\): run "npm install" there\n$/m,
  );
  assert.doesNotMatch(ended.stderr, /^ +at /m);
  assert.ok(!existsSync(path.join(directory, ".fakevpc-installing")));
});
