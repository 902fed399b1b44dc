import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { TestMesh } from "./support";

// New servers: nothing is installed, apt is busy, and server2 has a package that a newer version waits for.
let mesh: TestMesh;

const lock = "/root/release-apt";

/** Builds a package of a version, with a script that runs after its installation. */
function build(name: string, version: string, afterInstall: string): string {
  const control = `Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: lab <lab@localhost>\\nDescription: x\\n`;
  const tree = `/root/build/${name}/DEBIAN`;
  const script = `printf '#!/bin/sh\\n${afterInstall}\\n' > ${tree}/postinst; chmod 755 ${tree}/postinst`;
  const deb = `dpkg-deb --build /root/build/${name} /root/repository/${name}_${version}.deb`;
  return `mkdir -p ${tree} /root/repository; printf '${control}' > ${tree}/control; ${script}; ${deb} > /dev/null`;
}

/** Makes the packages of /root/repository known to apt. */
const publish = [
  "cd /root/repository",
  "for deb in *.deb; do dpkg-deb --field $deb; echo Filename: ./$deb; echo Size: $(stat -c %s $deb); echo SHA256: $(sha256sum $deb | cut -d' ' -f1); echo; done > Packages",
  "echo 'deb [trusted=yes] file:/root/repository ./' > /etc/apt/sources.list.d/local.list",
].join("\n");

beforeAll(async () => {
  mesh = await TestMesh.start([{ name: "server1" }, { name: "server2", suite: "trixie" }]);
  const busy = build("busy", "1.0", `while ! [ -e ${lock} ]; do sleep 0.1; done`);
  await mesh.on("server1", `${busy}; systemd-run --quiet dpkg -i /root/repository/busy_1.0.deb`);
  await mesh.on("server2", `${build("thing", "1.0", "true")}; dpkg -i /root/repository/thing_1.0.deb > /dev/null`);
  await mesh.on("server2", `chmod 755 /root; ${build("thing", "2.0", "true")}; ${publish}`);
});
afterAll(() => mesh?.end());

const boots = () => Promise.all(mesh.lab.servers.map((server) => server.bootId()));

test("bare servers get all they need, and a busy apt is waited for", async () => {
  const up = mesh.up();
  const waiting = async () => (await mesh.on("server1", "pgrep -x apt-get", { allowFailure: true })) !== "";
  await waitUntil(waiting, 120, "the step's apt-get");
  assert.equal(await mesh.on("server1", "command -v wg", { allowFailure: true }), "");
  await mesh.on("server1", `touch ${lock}`);
  await up;
  await mesh.untilAllAnswer();
  assert.equal(await mesh.on("server2", "dpkg-query --show thing"), "thing\t1.0");
});

test("an upgrade that changes something reboots its server once, and the later steps come after it", async () => {
  const [, before] = await boots();
  mesh.config.updateUpgradeServers = true;
  mesh.config.domain = "example.org";
  await mesh.up();
  const [, now] = await boots();
  assert.notEqual(now, before);
  assert.equal(await mesh.on("server2", "dpkg-query --show thing"), "thing\t2.0");
  assert.equal(await mesh.on("server2", "journalctl --list-boots --quiet | wc -l"), "2");
  // Since the reboot, `mesh` has logged in; `host` did so before it.
  assert.equal(await mesh.on("server2", "journalctl --boot --unit=ssh --output=cat | grep -c Accepted"), "1");
  assert.match(await mesh.on("server2", "cat /etc/hosts"), /server1\.example\.org/);
  await mesh.untilAllAnswer();
});

test("the same request does not reboot a second time", async () => {
  const before = await boots();
  mesh.config.ssh = { privateKeyFile: mesh.lab.keyFile, connectTimeout: 30 };
  const { stdout } = await mesh.up();
  assert.match(stdout, /fakevpc-server2-host updated .*; server2 host: nothing to change/);
  assert.deepEqual(await boots(), before);
});
