import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";

const { version } = require(packageFile("package.json"));

/** The check that a release begins with. */
async function checkTag(tag: string): Promise<{ code: number; text: string }> {
  const ended = promisify(execFile)("sh", [packageFile("scripts/check-tag.sh"), tag], { timeout: 60_000 });
  return ended.then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stderr }) => ({ code, text: stderr }),
  );
}

test("a release's tag is the version of the package, the plugin and the policy pack, and has its part of the changes", async () => {
  assert.deepEqual(await checkTag(`v${version}`), {
    code: 0,
    text: `fakevpc: v${version} is the version of all packages\n`,
  });
});

test("another tag is refused, and the error names each package that has another version", async () => {
  const { code, text } = await checkTag("v99.0.0");
  assert.equal(code, 1);
  const lines = ["./package.json", "plugin/package.json", "policies/package.json"].map(
    (file) => `fakevpc: ${file} has the version ${version}, the tag is v99.0.0`,
  );
  assert.deepEqual(text.trim().split("\n"), [...lines, "fakevpc: CHANGELOG.md has no part about 99.0.0"]);
});

test("a tag of the commit that is checked out is the version of the package", async () => {
  const tags = await promisify(execFile)("git", ["tag", "--points-at", "HEAD", "v*"], {
    cwd: packageFile(),
    timeout: 60_000,
  }).catch(() => ({ stdout: "" })); // no clone
  for (const tag of tags.stdout.split("\n").filter(Boolean)) assert.equal((await checkTag(tag)).code, 0, tag);
});
