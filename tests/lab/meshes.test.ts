import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { TestMesh, testEngine } from "./support";
import { interfacesOf, restartedSince } from "./traffic";

// Two meshes over the same servers, applied at the same moment by one program.
const names = ["server1", "server2", "server3"];
let mesh: TestMesh;
let stack: Stack;
// biome-ignore lint/suspicious/noExplicitAny: arguments as a stack's config holds them
let red: Record<string, any>;
// biome-ignore lint/suspicious/noExplicitAny: arguments as a stack's config holds them
let blue: Record<string, any>;

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  const program = packageFile("tests/lab/programs/meshes");
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-meshes-"));
  const command = (argv: string[]) => mesh.lab.command(argv);
  stack = new Stack({ engine: await testEngine(), name: "test", directory, program, command });
  const { servers, ssh } = mesh.config;
  red = { servers, ssh, prefix: "red", domain: "red", services: { echo: { server: "server2", port: 7000 } } };
  const ports = Object.entries(servers).map(([name, server], at) => [name, { ...server, wgPort: 60000 + at }]);
  blue = { ...red, servers: Object.fromEntries(ports), prefix: "blue", domain: "blue", ifaceIpOffset: 100 };
});
afterAll(async () => {
  await mesh?.end();
  await stack?.remove();
});

async function up(meshes: Record<string, unknown>): Promise<void> {
  await stack.setConfig({ "meshes:meshes": meshes });
  await stack.up();
}

test("both meshes work, each by its own names", async () => {
  await up({ red, blue });
  await mesh.untilAllAnswer("red");
  await mesh.untilAllAnswer("blue");
  assert.match(
    await mesh.on("server1", "nft list tables"),
    /inet fakevpc_blue\n.*inet fakevpc_red|inet fakevpc_red\n.*inet fakevpc_blue/,
  );
});

test("what clashes is named once, by a preview already", async () => {
  await stack.setConfig({ "meshes:meshes": { red, blue: { ...blue, prefix: "red" } } });
  const { stdout, stderr, code } = await stack.preview({ allowFailure: true });
  assert.notEqual(code, 0);
  assert.equal(
    (stdout + stderr).match(/^ *prefix: "red" is a prefix which blue uses on this server too$/gm)?.length,
    1,
  );
});

test("a mesh of another program that clashes is refused by the servers, which keep what they have", async () => {
  Object.assign(mesh.config, { prefix: "red", domain: "green", ifaceIpOffset: 200 });
  const prefix = await mesh.up({ allowFailure: true });
  assert.match(prefix.stdout + prefix.stderr, /the prefix 'red' belongs to another mesh here/);
  Object.assign(mesh.config, { prefix: "green", domain: "red" });
  const domain = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.match(
    domain.stdout + domain.stderr,
    /\/etc\/hosts has server1.red in the mesh red already: choose another domain/,
  );
  Object.assign(mesh.config, { domain: "green", ifaceIpOffset: 100 });
  const range = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.match(
    range.stdout + range.stderr,
    /overlaps one of the server's own networks .*: choose another ifaceIpOffset/,
  );
  await mesh.destroy();
  await mesh.untilAllAnswer("red");
  await mesh.untilAllAnswer("blue");
});

test("another prefix for a mesh that is there is refused by the servers, which keep what they have", async () => {
  const before = await interfacesOf(mesh, names, "red");
  await stack.setConfig({ "meshes:meshes": { red: { ...red, prefix: "green" }, blue } });
  // Or the first that refuses keeps Pulumi from asking the others.
  const { stdout, stderr, code } = await stack.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0);
  for (const name of names) {
    const refusal = `${name} host: this mesh is here with the prefix 'red', which is not changed in place`;
    assert.ok((stdout + stderr).includes(refusal), name);
  }
  assert.equal(await mesh.on("server1", "ls /var/lib/fakevpc"), "blue\nred");
  await up({ red, blue });
  assert.deepEqual(await restartedSince(mesh, before, "red"), []);
  await mesh.untilAllAnswer("red");
});

test("one mesh goes, and the other notices nothing", async () => {
  const interfaces = await interfacesOf(mesh, names, "blue");
  await up({ blue });
  assert.deepEqual(await restartedSince(mesh, interfaces, "blue"), []);
  await mesh.untilAllAnswer("blue");
  for (const name of names) {
    const left =
      "ls -d /sys/class/net/red* /etc/wireguard/red* /var/lib/fakevpc/red /etc/systemd/system/*red* 2> /dev/null";
    assert.equal(
      await mesh.on(name, `${left}; nft list tables | grep red; grep red /etc/hosts`, { allowFailure: true }),
      "",
    );
  }
});
