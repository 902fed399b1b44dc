import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";
import { disturbed, trafficDuring } from "./traffic";

// Ten servers with sshd's own limits.
let mesh: TestMesh;
const watched = ["server1", "server2", "server3"];

beforeAll(async () => {
  const names = Array.from({ length: 10 }, (_, at) => `server${at + 1}`);
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
});
afterAll(() => mesh?.end());
const members = () => Object.keys(mesh.config.servers);

/** What sshd said of connections that it did not take. */
async function droppedConnections(): Promise<string> {
  const log = "journalctl --quiet --unit=ssh --output=cat | grep -iE 'drop connection|MaxStartups|beginning'";
  const logs = await Promise.all(
    mesh.lab.servers.map(({ name }) => mesh.on(name, `${log} || true`, { allowFailure: true })),
  );
  return logs.join("");
}

/** Every pair that has not shaken hands, as "server interface". */
async function withoutSession(names: string[]): Promise<string[]> {
  const never = "wg show all latest-handshakes | awk '$3 == 0 { print $1 }'";
  const all = await Promise.all(names.map(async (name) => `${name} ${await mesh.on(name, never)}`));
  return all.filter((line) => !line.endsWith(" "));
}

test("nine servers become a mesh by one up", async () => {
  const server5 = mesh.config.servers.server5!;
  delete mesh.config.servers.server5;
  await mesh.up();
  await mesh.untilAllAnswer();
  assert.deepEqual(await withoutSession(members()), []);
  mesh.config.servers.server5 = server5;
});

test("a tenth joins, and the others lose nothing", async () => {
  assert.deepEqual(disturbed(await trafficDuring(mesh, watched, () => mesh.up())), []);
  await mesh.untilAllAnswer();
});

test("interfaces that start are not broken by the watch, which looks at them all the time", async () => {
  const rounds = 5; // systemd itself refuses what starts more often, unless it is told to forget
  const watching = "while [ -e /run/looking ]; do sh /var/lib/fakevpc/vpc/host.sh watch vpc; done";
  const restarting = `for round in $(seq ${rounds}); do systemctl reset-failed; systemctl restart 'wg-quick@vpc*' || echo "round $round failed"; done`;
  const both = `touch /run/looking; { ${watching}; } > /dev/null 2>&1 & ${restarting}; rm /run/looking; wait`;
  assert.equal(await mesh.on("server10", `systemctl list-units --plain --no-legend 'wg-quick@vpc*' | wc -l`), "10");
  assert.equal(await mesh.on("server10", both), "");
  assert.equal(await mesh.on("server10", "systemctl list-units --failed --plain --no-legend"), "");
  await mesh.lab.server("server10").reboot();
  await mesh.untilAllAnswer();
  assert.equal(await mesh.on("server10", "systemctl list-units --failed --plain --no-legend"), "");
});

test("one leaves, and the others lose nothing", async () => {
  delete mesh.config.servers.server4;
  assert.deepEqual(disturbed(await trafficDuring(mesh, watched, () => mesh.up())), []);
  assert.equal(await mesh.on("server1", "wg show vpcs peers | wc -l"), "8");
});

test("one dies while every server's Commands run again: the others converge", async () => {
  await mesh.lab.server("server7").off({ hard: true });
  mesh.config.ssh = { ...(mesh.config.ssh as object), connectTimeout: 5 };
  Object.assign(mesh.config, { domain: "example.internal", reapply: "all" });
  const traffic = await trafficDuring(mesh, watched, async () => {
    const { code } = await mesh.up({ allowFailure: true, continueOnError: true });
    assert.notEqual(code, 0);
  });
  assert.deepEqual(disturbed(traffic), []);
  mesh.config.servers.server7!.retired = true;
  await mesh.up();
  delete mesh.config.servers.server7;
  assert.deepEqual(await mesh.silentPairs(members(), "example.internal"), []);
});

test("sshd has dropped no connection", async () => {
  await mesh.lab.server("server7").on();
  assert.equal(await droppedConnections(), "");
});
