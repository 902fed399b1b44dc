import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { freePort } from "./sshd";
import { testEngine } from "./support";

// The program at the root, as Pulumi runs it: somebody edits it, or the library, in a clone of theirs.
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-program-"));
const clone = path.join(directory, "clone");
let stack: Stack;

beforeAll(async () => {
  mkdirSync(clone);
  for (const entry of readdirSync(packageFile()).filter((name) => !["node_modules", ".git"].includes(name))) {
    cpSync(packageFile(entry), path.join(clone, entry), { recursive: true });
  }
  symlinkSync(packageFile("node_modules"), path.join(clone, "node_modules"));
  const engine = await testEngine();
  stack = new Stack({ engine, name: "test", directory: path.join(directory, "stack"), program: clone });
  // Nobody listens there: the Commands fail, and what else there is in a stack is made.
  const sshPort = await freePort();
  const server = (last: number) => ({ address: `127.0.0.${last}`, sshPort, endpoint: `203.0.113.${last}` });
  const servers = { server1: server(1), server2: server(2) };
  await stack.setConfig({ "fakevpc:servers": servers, "fakevpc:ssh": { connectTimeout: 5 } });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a preview of a stack that exists deletes nothing", async () => {
  const { code } = await stack.up({ allowFailure: true });
  assert.notEqual(code, 0);
  const { deployment } = await stack.exportState();
  const types = deployment.resources.map(({ type }: { type: string }) => type);
  assert.ok(types.includes("fakevpc:index:FakeVpc") && types.includes("random:index/randomBytes:RandomBytes"), types);
  const { stdout } = await stack.preview({ args: ["--json"] });
  const changes = JSON.parse(stdout).changeSummary;
  assert.ok(changes.same > 0, stdout);
  assert.deepEqual([changes.delete, changes.replace], [undefined, undefined], stdout);
});

test("an edited program is what the next preview shows", async () => {
  assert.doesNotMatch((await stack.preview()).stdout, /edited/);
  appendFileSync(path.join(clone, "index.ts"), '\nexport const edited: string = "just now";\n');
  assert.match((await stack.preview()).stdout, /\+ edited +: "just now"/);
});

const sentence = /^ *error: fakevpc: dist\/ is not what the sources here compile to: run `npm run build`$/m;

/** What a preview says that fails, without a stack of calls. */
async function failure(): Promise<string> {
  const { code, stdout, stderr } = await stack.preview({ allowFailure: true });
  assert.notEqual(code, 0, stdout);
  assert.doesNotMatch(stdout + stderr, /^ +at /m);
  return stdout + stderr;
}

test("an edited library that is not compiled again is said in one sentence, and so is one that never was", async () => {
  appendFileSync(path.join(clone, "mesh/plan.ts"), "// edited\n");
  assert.match(await failure(), sentence);
  rmSync(path.join(clone, "dist"), { recursive: true });
  assert.match(await failure(), sentence);
});
