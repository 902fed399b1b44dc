import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { TestMesh } from "./support";

// Servers with a firewall of their own: ufw on server1, firewalld on server2. Neither lets in more than SSH.
const rules = {
  server1: "ufw show added",
  server2: "firewall-cmd --permanent --list-all; firewall-cmd --list-all; firewall-cmd --zone=trusted --list-all",
};
const untouched: Record<string, string> = {};
let mesh: TestMesh;

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2"].map((name) => ({ name, packages: true })));
  const install =
    "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update; apt-get -qq install --no-install-recommends";
  await Promise.all([
    mesh.on("server1", `(${install} ufw) > /dev/null 2>&1; ufw allow 22/tcp; ufw --force enable`),
    mesh.on("server2", `(${install} firewalld) > /dev/null 2>&1; systemctl start firewalld`),
  ]);
  for (const [name, command] of Object.entries(rules)) untouched[name] = await mesh.on(name, command);
  mesh.config.services = Object.fromEntries(
    ["server1", "server2"].map((server, at) => [`web${at}`, { server, port: 8080 }]),
  );
  for (const name of ["server1", "server2"]) {
    await mesh.on(name, "systemd-run --quiet socat TCP4-LISTEN:8080,bind=127.0.0.1,fork,reuseaddr 'EXEC:uname -n'");
  }
});
afterAll(() => mesh?.end());

/** Waits until the service of one server answers another by its name. */
function untilAnswered(from: string, to: string): Promise<void> {
  const ask = `nc -w 10 -N ${to}.vpcdomain 8080 < /dev/null`;
  const answers = async () => (await mesh.on(from, ask, { allowFailure: true })) === to;
  return waitUntil(answers, 120, `the service of ${to} to answer ${from}`);
}

test("a firewall that is not told of the mesh keeps it out", async () => {
  await mesh.up();
  assert.equal(await mesh.pings("server2", "server1", 5), false);
});

test("openFirewall lets in WireGuard and what comes by it, in ufw and in firewalld", async () => {
  mesh.config.openFirewall = true;
  await mesh.up();
  await mesh.untilAllAnswer();
  await untilAnswered("server2", "server1");
  await untilAnswered("server1", "server2");
});

test("it is let in again after a reboot, and each is asked for once", async () => {
  await Promise.all(["server1", "server2"].map((name) => mesh.lab.server(name).reboot()));
  await mesh.untilAllAnswer();
  mesh.config.reapply = "again";
  const { stdout } = await mesh.up();
  assert.doesNotMatch(stdout, /opened the/);
});

test("MTU and keepalive are what the config says, on every interface", async () => {
  Object.assign(mesh.config, { mtu: 1300, persistentKeepalive: 11 });
  await mesh.up();
  assert.equal(await mesh.on("server2", "cat /sys/class/net/vpcs/mtu /sys/class/net/vpcc1/mtu"), "1300\n1300");
  assert.match(await mesh.on("server2", "wg show vpcc1 persistent-keepalive"), /\t11$/);
  await mesh.untilAllAnswer();
});

test("what was opened is closed again, and nothing else", async () => {
  await mesh.destroy();
  for (const [name, command] of Object.entries(rules))
    assert.equal(await mesh.on(name, command), untouched[name], name);
});
