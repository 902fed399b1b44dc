import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { afterThis } from "../after";
import { TestMesh } from "./support";

// Every link answers when an up ends, whichever end was ready first: what depends on a mesh may use it.
let mesh: TestMesh;
const names = ["server1", "server2", "server3"];

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
});
afterAll(() => mesh?.end());

/** The peers that have not answered, as "SERVER INTERFACE". */
async function silent(servers = names): Promise<string[]> {
  const dumps = await mesh.onAll("wg show all latest-handshakes 2> /dev/null");
  const lines = servers.flatMap((name) =>
    dumps[name]!.split("\n")
      .filter(Boolean)
      .map((line) => [name, ...line.split("\t")]),
  );
  assert.equal(lines.length, servers.length * (names.length - 1));
  return lines.filter(([, , , time]) => time === "0").map(([name, card]) => `${name} ${card}`);
}

/** The pairs of which one ping, the first, has no answer within a second. */
async function unanswered(): Promise<string[]> {
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));
  const argv = (to: string) => ["ping", "-c", "1", "-W", "1", `${to}.vpcdomain`];
  const codes = await Promise.all(
    pairs.map(async ([from, to]) => (await mesh.lab.server(from).exec(argv(to), { allowFailure: true })).code),
  );
  return pairs.filter((_, at) => codes[at] !== 0).map((pair) => pair.join(" "));
}

test.each([1, 2, 3])("a fresh mesh of three has a handshake on each link when its up ends (%i)", async () => {
  await mesh.up();
  assert.deepEqual(await silent(), []);
  await mesh.destroy();
});

test("so it has when each server waits for the one before", async () => {
  await mesh.up({ args: ["--parallel", "1"] });
  assert.deepEqual(await silent(), []);
  await mesh.destroy();
});

test("so it has with a listener that is ready long after its diallers", async () => {
  // WireGuard alone tries again five seconds after the first message, and later than that each further time.
  await mesh.on(
    "server1",
    "printf '#!/bin/sh\\nsleep 12\\n' > /usr/local/bin/cloud-init; chmod 755 /usr/local/bin/cloud-init",
  );
  afterThis(() => mesh.on("server1", "rm /usr/local/bin/cloud-init"));
  await mesh.up();
  assert.deepEqual(await silent(), []);
});

test("a dead server holds nobody up, and its links come with it", async () => {
  await mesh.destroy();
  mesh.config.ssh = { privateKeyFile: mesh.lab.keyFile, connectTimeout: 5 };
  await mesh.lab.server("server1").off({ hard: true });
  const { code } = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0);
  assert.deepEqual(await mesh.silentPairs(["server2", "server3"]), []);
  await mesh.lab.server("server1").on();
  await mesh.up();
  assert.deepEqual(await silent(), []);
});

test("new keys of everybody, or of one: each link answers when the up ends", async () => {
  mesh.config.keyVersion = 2;
  await mesh.up();
  assert.deepEqual(await unanswered(), []);
  mesh.config.servers.server3!.keyVersion = 3;
  await mesh.up();
  assert.deepEqual(await unanswered(), []);
});

test("links answer soon after everybody was rebooted at once", async () => {
  await Promise.all(names.map((name) => mesh.lab.server(name).reboot()));
  await mesh.untilAllAnswer();
});
