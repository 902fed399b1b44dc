import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { tell } from "../after";
import { TestMesh } from "./support";
import { disturbed, interfacesOf, type LinkTraffic, restartedSince, trafficDuring } from "./traffic";

// Keys are replaced while everybody talks, and the old ones are nowhere afterwards.
let mesh: TestMesh;
const names = ["server1", "server2", "server3", "server4"];

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
afterAll(() => mesh?.end());

/** All keys of the mesh that a server knows. */
async function keysOn(name: string): Promise<string[]> {
  const shown = ["private-key", "public-key", "preshared-keys"].map((what) => `wg show all ${what}`);
  const words = (await mesh.on(name, shown.join("; "))).split(/\s+/);
  return [...new Set(words.filter((word) => /^[A-Za-z0-9+/]{43}=$/.test(word)))];
}

/** Where any of these keys still is: on a server's disk, in its kernel or its memory files, or in Pulumi's state. */
async function whereabouts(keys: string[]): Promise<string[]> {
  assert.notEqual(keys.length, 0);
  const patterns = keys.map((key) => `-e '${key}'`).join(" ");
  const places = "/etc /home /opt /root /run /srv /tmp /usr/local /var/lib /var/tmp /dev/shm";
  const find = `grep -rlF ${patterns} ${places}; wg show all dump | grep -oF ${patterns}`;
  const found = await Promise.all(
    mesh.lab.servers.map(async ({ name }) => {
      const output = await mesh.on(name, `{ ${find}; } 2> /dev/null`, { allowFailure: true });
      return output === "" ? [] : output.split("\n").map((line) => `${name}: ${line}`);
    }),
  );
  const state = JSON.stringify((await mesh.stack.exportState({ showSecrets: true })).deployment);
  return [...found.flat(), ...keys.filter((key) => state.includes(key)).map((key) => `state: ${key}`)];
}

/** Replaces keys under traffic. Every link has to be whole again, and without a restart; what it lost is only told. */
async function rotate(change: Record<string, unknown>, config: object): Promise<LinkTraffic[]> {
  const interfaces = await interfacesOf(mesh, names);
  const traffic = await trafficDuring(mesh, names, async () => {
    Object.assign(config, change);
    await mesh.up();
    await mesh.untilAllAnswer(); // two first messages that cross are tried again after five seconds
  });
  for (const { link, lost, dark } of traffic) tell(`${link}: ${lost} lost, ${dark} ms without an answer`);
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  assert.deepEqual(
    traffic.filter(({ stream }) => stream !== "whole"),
    [],
  );
  return traffic;
}

test("a new key for one server: the other links lose nothing, and the old key is nowhere", async () => {
  const others = await Promise.all(["server1", "server3", "server4"].map(keysOn));
  const kept = new Set(others.flat());
  const old = (await keysOn("server2")).filter((key) => !kept.has(key));
  const pairs = await mesh.on("server2", "wg show vpcs preshared-keys | cut -f 2");
  const gone = [...old, ...pairs.split("\n")];
  const traffic = await rotate({ keyVersion: "2" }, mesh.config.servers.server2!);
  assert.deepEqual(disturbed(traffic.filter(({ link }) => !link.includes("server2"))), []);
  assert.deepEqual(await whereabouts(gone), []);
});

test("a new key for every server: no old one is anywhere", async () => {
  const old = (await Promise.all(names.map(keysOn))).flat();
  await rotate({ keyVersion: "everybody" }, mesh.config);
  // server2's own version is the one that counts for it.
  const kept = await mesh.on("server2", "wg show vpcs private-key; wg show vpcs public-key");
  assert.deepEqual(await whereabouts(old.filter((key) => !kept.includes(key))), []);
});

test("new preshared keys: no old one is anywhere", async () => {
  const shared = "wg show all preshared-keys | cut -f 3";
  const old = (await Promise.all(names.map((name) => mesh.on(name, shared)))).join("\n").split("\n");
  assert.equal(new Set(old).size, 6);
  await rotate({ presharedKeyVersion: "2" }, mesh.config);
  assert.deepEqual(await whereabouts(old), []);
});

test("a compromised server that nobody lets in any more is cut off everywhere at once", async () => {
  const key = await mesh.on("server4", "wg show vpcs public-key");
  const peers = ["server1", "server2", "server3"];
  const targets = await Promise.all(peers.map((name) => mesh.on("server4", `getent hosts ${name} | cut -d ' ' -f 1`)));
  await mesh.on("server4", "systemctl stop ssh"); // it will not be cleaned
  mesh.config.servers.server4!.retired = true;
  const traffic = await trafficDuring(mesh, peers, () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  for (const name of peers) {
    assert.ok(!(await mesh.on(name, "wg show all dump; cat /etc/wireguard/*.conf")).includes(key), name);
  }
  const reach = targets.map((address) => `ping -q -c 3 -i 0.2 -W 1 ${address}`).join("; ");
  const output = await mesh.on("server4", reach, { allowFailure: true });
  assert.equal(output.match(/ 0 received/g)?.length, 3, output);
  assert.equal(await mesh.on("server4", "wg show all peers | wc -l"), "3", "it is up and trying");
});
