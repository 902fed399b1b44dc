import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { waitUntil } from "../../lab/wait";
import { TestMesh, testEngine } from "./support";

// server3 comes from a cloud that takes its time, server4 from one that fails; whatever does not need them goes on.
let mesh: TestMesh;
let stack: Stack;
let directory: string;

beforeAll(async () => {
  const names = ["server1", "server2", "server3", "server4"];
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-clouds-"));
  const program = packageFile("tests/lab/programs/clouds");
  const command = (argv: string[]) => mesh.lab.command(argv);
  stack = new Stack({ engine: await testEngine(), name: "test", directory, program, command });
});
afterAll(async () => {
  await mesh?.end();
  rmSync(directory, { recursive: true, force: true });
});

test("a slow cloud and a failing one hold up only who needs their servers", async () => {
  const created = path.join(directory, "created");
  const asked = path.join(directory, "asked");
  const address = (name: string) => mesh.lab.server(name).address;
  const slow = `touch ${asked}; until [ -e ${created} ]; do sleep 0.2; done; printf ${address("server3")}`;
  const config = (failing: string) => ({
    "clouds:args": mesh.config,
    "clouds:clouds": { server3: slow, server4: failing },
  });
  await stack.setConfig(config("exit 1"));
  let output = "";
  const up = stack.up({
    allowFailure: true,
    continueOnError: true,
    onOutput: (text) => {
      output += text;
    },
  });
  await waitUntil(async () => existsSync(asked), 120, "the slow cloud");
  await waitUntil(() => mesh.pings("server1", "server2.vpcdomain"), 60, "the mesh of those that are there").catch(
    (error) => {
      throw new Error(`${error.message}\n${output}`);
    },
  );
  assert.ok(!existsSync(created));
  writeFileSync(created, "");
  const { code, stdout } = await up;
  assert.notEqual(code, 0, stdout);
  assert.deepEqual(await mesh.silentPairs(["server1", "server2", "server3"]), []);

  await stack.setConfig(config(`printf ${address("server4")}`));
  await stack.up();
  await mesh.untilAllAnswer();
});
