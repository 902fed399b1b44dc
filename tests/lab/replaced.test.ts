import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";

// Pulumi deletes what it replaces and what a change of mind leaves over: neither may take a mesh that is in use.
let mesh: TestMesh;

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2", "server3"].map((name) => ({ name, packages: true })));
  mesh.config.services = { echo: { server: "server3", port: 8888 } };
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
afterAll(() => mesh?.end());

async function urnOf(name: string): Promise<string> {
  const { resources } = (await mesh.stack.exportState()).deployment;
  return resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`)).urn;
}

/** What server3 has of the mesh: names and confs, without what may differ from run to run. */
const whole =
  "grep vpc /etc/hosts; cat /etc/wireguard/vpc*.conf; systemctl list-units --plain --no-legend '*vpc*' | awk '$1 !~ /timer|begin|watch/ { print $1, $3 }'; cat /var/lib/fakevpc/vpc/servers";

for (const step of ["host", "mesh"]) {
  test(`the Command \`${step}\` of a server is replaced by request: the mesh is there afterwards`, async () => {
    const before = await mesh.on("server3", whole);
    await mesh.up({ args: ["--replace", await urnOf(`fakevpc-server3-${step}`)] });
    await mesh.untilAllAnswer();
    assert.equal(await mesh.on("server3", whole), before);
  });
}

test("the Command `host` of a server is tainted: the mesh is there after the next up", async () => {
  const before = await mesh.on("server3", whole);
  const taint = ["pulumi", "state", "taint", "--yes", "--stack", "test", await urnOf("fakevpc-server3-host")];
  await mesh.stack.run(taint);
  await mesh.up();
  await mesh.untilAllAnswer();
  assert.equal(await mesh.on("server3", whole), before);
});

test("a rename that stops half-way and is taken back leaves the mesh as it was", async () => {
  const before = await mesh.on("server3", whole);
  const { servers } = mesh.config;
  const { server3, ...rest } = servers;
  mesh.config.servers = { ...rest, third: { ...server3, index: 3 } };
  mesh.config.services = { echo: { server: "third", port: 8888 } };
  await mesh.on("server3", "cp /etc/hosts /root/hosts; sed -i '/^# fakevpc vpc: end/d' /etc/hosts");
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true });
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /third mesh: .*has only half of the lines/);
  await mesh.on("server3", "cat /root/hosts > /etc/hosts");

  mesh.config.servers = servers;
  mesh.config.services = { echo: { server: "server3", port: 8888 } };
  await mesh.up();
  await mesh.untilAllAnswer();
  assert.equal(await mesh.on("server3", whole), before);
  await mesh.preview({ args: ["--expect-no-changes"] });
  await mesh.destroy();
  assert.equal(await mesh.on("server3", "ls -d /var/lib/fakevpc /sys/class/net/vpc*", { allowFailure: true }), "");
});
