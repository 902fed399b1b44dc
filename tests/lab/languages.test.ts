import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import type { Engine } from "../../lab/engine/engine";
import { Stack } from "../../lab/engine/stack";
import { withYaml } from "../../lab/engine/yaml";
import { Lab } from "../../lab/servers/lab";
import { testEngine } from "./support";

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-languages-"));
const log = (line: string) => process.stderr.write(`${line}\n`);
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.up({ servers: ["server1", "server2"].map((name) => ({ name, packages: true })) });
});

afterAll(async () => {
  await lab.down();
  rmSync(directory, { recursive: true, force: true });
});

/** A stack of an example, whose config names the lab's servers as its README says. */
async function exampleStack(language: string, engine: Engine): Promise<Stack> {
  const stack = new Stack({
    engine,
    name: "test",
    directory: path.join(directory, language),
    program: packageFile("examples", language),
    command: (argv) => lab.command(argv),
  });
  const servers = lab.servers.map(({ name, address, hostKey }) => [name, { address, hostKey }]);
  await stack.setConfig({
    [`fakevpc-${language}:servers`]: Object.fromEntries(servers),
    [`fakevpc-${language}:sshKey`]: { secure: readFileSync(lab.keyFile, "utf8") },
  });
  return stack;
}

async function fromNothingToDestroy(stack: Stack): Promise<void> {
  await stack.up();
  const { servers } = (await stack.outputs()) as { servers: Record<string, { addresses: Record<string, string> }> };
  assert.equal(servers.server2!.addresses.server1, "192.168.1.1");
  for (const from of lab.servers) {
    for (const to of lab.servers) await from.exec(["ping", "-c", "1", "-w", "10", `${to.name}.vpcdomain`]);
  }
  const state = JSON.stringify(await stack.exportState());
  assert.ok(!state.includes("PRIVATE KEY"), "a secret argument is in the state in clear");

  await stack.up({ args: ["--expect-no-changes"] });

  await stack.destroy();
  for (const server of lab.servers) assert.equal((await server.exec(["wg", "show", "interfaces"])).stdout.trim(), "");
}

test("the example in YAML makes servers a mesh, changes nothing when it is run again, and takes it away", async () => {
  await fromNothingToDestroy(await exampleStack("yaml", await withYaml(await testEngine(), log)));
});
