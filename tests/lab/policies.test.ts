import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { consumer, passphrase, recordedState } from "../fixtures/recorded";
import { testEngine } from "./support";

// The policy pack, run by the real engine at previews. None of them dials a server, and there is none.

const repository = packageFile();
const args = ["--policy-pack", path.join(repository, "policies/run.sh")];

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-policies-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function newStack(name: string, program: string): Promise<Stack> {
  const own = path.join(directory, name);
  return new Stack({ engine: await testEngine(), name: "test", directory: own, program, passphrase });
}

test("a mesh keeps every policy", async () => {
  const stack = await newStack("kept", consumer);
  await stack.setConfig({});
  await stack.importState(recordedState());
  const { stdout } = await stack.preview({ args });
  assert.match(stdout, /✅ fakevpc@v/);
  assert.doesNotMatch(stdout, /can't run policy/);
});

test("every policy can look at a mesh of which nothing exists yet", async () => {
  const stack = await newStack("new", consumer);
  await stack.setConfig({});
  const { stdout } = await stack.preview({ args });
  assert.match(stdout, /✅ fakevpc@v/);
  assert.doesNotMatch(stdout, /can't run policy/);
});

test("a server whose host key nobody gave ends the preview", async () => {
  const stack = await newStack("unpinned", path.join(repository, "tests/lab/programs/options"));
  await stack.setConfig({ "options:unpinned": true });
  const { code, stdout } = await stack.preview({ args, allowFailure: true });
  assert.notEqual(code, 0);
  assert.match(stdout, /\[mandatory\] +host-keys-pinned +\(fakevpc:index:VpcServer: mesh-server2\)/);
  assert.doesNotMatch(stdout, /host-keys-pinned +\(fakevpc:index:VpcServer: mesh-server1/);
});
