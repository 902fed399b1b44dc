import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { cacheDirectory } from "../../lab/cache";
import { run } from "../../lab/process";
import { afterThis } from "../after";

const demo = (argv: string[], input?: string) =>
  run([process.execPath, packageFile("dist/demo/main.js"), ...argv], {
    env: { ...process.env, SHELL: "/bin/sh" },
    input,
    timeout: 300_000,
  });

test("the demo ends with fakevpc's own words, and its shell is one in which Pulumi and fakevpc work", async () => {
  const directory = mkdtempSync(path.join(cacheDirectory("labs"), "test-demo-"));
  rmSync(directory, { recursive: true }); // a lab makes its directory itself
  afterThis(() => demo(["--down", "--directory", directory]));
  const { stdout } = await demo(["--keep", "--directory", directory]);
  assert.match(stdout, /^ +server1 +server2 +server3$/m, "the matrix");
  assert.match(stdout, /✓ all is well/);
  assert.match(stdout, /from outside, at \S+ +refused/);
  const picture = /: (\/\S+\.svg)$/m.exec(stdout)![1]!;
  assert.ok(existsSync(picture), picture);
  assert.match(readFileSync(picture, "utf8"), /of-up/);

  const commands = ["pulumi preview", "pulumi up --yes", "npx fakevpc status", "pulumi stack output servers"];
  const shell = await demo(["--shell", "--directory", directory], `set -e\n${commands.join("\n")}\n`);
  const looks = shell.stdout.match(/\d+ unchanged/g);
  assert.equal(looks?.length, 3, `an up shows a preview first: ${shell.stdout}`);
  assert.doesNotMatch(shell.stdout, /created|updated|deleted/);
  assert.match(shell.stdout, /✓ all is well/);
  assert.match(shell.stdout, /"publicKey"/);
});
