import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { type ServerFields, TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// Servers that are off, rebuilt, or gone for good; those that are left lose no packet.
let mesh: TestMesh;

beforeAll(async () => {
  const names = ["server1", "server2", "server3", "server4"];
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  mesh.config.ssh = { ...(mesh.config.ssh as object), connectTimeout: 5 };
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
afterAll(() => mesh?.end());

const server = (name: string) => mesh.lab.server(name);

/** The names of a server's resources in the state. */
async function recorded(name: string): Promise<string[]> {
  const { deployment } = await mesh.stack.exportState();
  const names = (deployment.resources ?? []).map(({ urn }: { urn: string }) => urn.split("::").at(-1)!);
  return names.filter((each: string) => each.startsWith(`fakevpc-${name}`));
}

/** Whether nothing on these servers knows of another one. */
async function isForgotten(name: string, by: string[]): Promise<void> {
  const traces = `grep -rlw ${name} /etc/wireguard /etc/hosts /var/lib/fakevpc`;
  for (const each of by) assert.equal(await mesh.on(each, traces, { allowFailure: true }), "", each);
}

test("with one server off, all others converge, and the dead one is named", async () => {
  await server("server3").off({ hard: true });
  mesh.config.domain = "second.internal";
  mesh.config.servers.server2!.wgPort = 4500;
  let output = "";
  const traffic = await trafficDuring(mesh, ["server1", "server4"], async () => {
    const { code, stdout, stderr } = await mesh.up({
      allowFailure: true,
      env: { PULUMI_CONTINUE_ON_ERROR: "true" },
    });
    assert.notEqual(code, 0);
    output = stdout + stderr;
  });
  assert.deepEqual(disturbed(traffic), []);
  assert.match(output, /fakevpc-server3-\w+/);
  assert.ok(output.includes(server("server3").address));
  assert.deepEqual(await mesh.silentPairs(["server1", "server2", "server4"], "second.internal"), []);
});

test("once it is back, the next up finishes the job", async () => {
  await server("server3").on();
  await mesh.up();
  await mesh.untilAllAnswer("second.internal");
  await mesh.preview({ args: ["--expect-no-changes"] });
});

test("a rebuilt server gets everything again, and its peers are left alone", async () => {
  await server("server1").reset();
  const peers = ["server2", "server3", "server4"];
  const interfaces = await interfacesOf(mesh, peers);
  Object.assign(mesh.config.servers.server1!, { hostKey: server("server1").hostKey, reapply: "rebuilt" });
  const traffic = await trafficDuring(mesh, peers, () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  await mesh.untilAllAnswer("second.internal");
});

test("reapply for the whole mesh touches nothing that is right", async () => {
  const names = Object.keys(mesh.config.servers);
  const interfaces = await interfacesOf(mesh, names);
  mesh.config.reapply = "all of it";
  const traffic = await trafficDuring(mesh, names, () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
});

test("a dead server is retired, with a failed update behind it and changes ahead", async () => {
  await server("server3").off({ hard: true });
  mesh.config.domain = "third.internal";
  assert.notEqual((await mesh.up({ allowFailure: true, continueOnError: true })).code, 0);
  const { server3 } = mesh.config.servers;
  Object.assign(server3!, { retired: true, user: "ops", reapply: "again" });
  mesh.config.domain = "fourth.internal";
  const rest = ["server1", "server2", "server4"];
  const traffic = await trafficDuring(mesh, rest, () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  await isForgotten("server3", rest);
  assert.deepEqual(await mesh.silentPairs(rest, "fourth.internal"), []);
});

test("the retired server's entry is dropped, and nothing of it is left in the state", async () => {
  assert.notDeepEqual(await recorded("server3"), []);
  delete mesh.config.servers.server3;
  await mesh.up();
  assert.deepEqual(await recorded("server3"), []);
});

let server4: ServerFields;

test("a dead server whose entry was deleted first: the up fails, and works once it is put back as retired", async () => {
  await server("server4").off({ hard: true });
  server4 = mesh.config.servers.server4!;
  delete mesh.config.servers.server4;
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /fakevpc-server4-\w+/);
  mesh.config.servers.server4 = { ...server4, retired: true };
  await mesh.up();
  await isForgotten("server4", ["server1", "server2"]);
});

test("a mesh with a retired server is destroyed without it", async () => {
  await mesh.destroy();
  const { deployment } = await mesh.stack.exportState();
  assert.deepEqual(deployment.resources ?? [], []);
});

test("a server that comes back from a mesh that is gone is refused with the remedy, and joins after it", async () => {
  await server("server4").on();
  mesh.config.servers.server4 = server4;
  const { stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
  const remedy = /clear it with: sudo (sh \/var\/lib\/fakevpc\/vpc\/host\.sh forget vpc)/.exec(stdout + stderr);
  assert.ok(remedy, stdout + stderr);
  await mesh.on("server4", remedy[1]!);
  await mesh.up();
  await mesh.untilAllAnswer("fourth.internal");
});
