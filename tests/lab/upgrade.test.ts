import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { Result } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh } from "./support";

// New servers: nothing is installed, apt is busy on server1, and server2 is as servers are: it has a package that a newer version
// waits for, another that cannot be configured, a source of packages that is gone, and hooks of apt. Both are copies of one disk.
let mesh: TestMesh;

const lock = "/root/release-apt";
const brokenSource = "/etc/apt/sources.list.d/gone.list";
const hook = "/etc/apt/apt.conf.d/99hook";

/** What an up told as warnings, of a server or of all. */
function warningsOf({ stdout, stderr }: Result, server = ""): string[] {
  const lines = (stdout + stderr).split("\n").map((line) => /^ *warning: (.*)/.exec(line)?.[1] ?? "");
  return Array.from(new Set(lines.filter((line) => line !== "" && line.includes(server))));
}

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
  await mesh.on(
    "server2",
    `${build("foreign", "1.0", "exit 1")}; ! dpkg -i /root/repository/foreign_1.0.deb 2> /dev/null`,
  );
  await mesh.on("server2", `rm /root/repository/foreign_1.0.deb; ${publish}`);
  await mesh.on("server2", `echo 'deb [trusted=yes] http://deb.debian.org/nowhere trixie main' > ${brokenSource}`);
  await mesh.on("server2", `echo 'DPkg::Post-Invoke {"echo $(umask) $NEEDRESTART_MODE >> /root/hook";};' > ${hook}`);
  const id = await mesh.on("server1", "cat /etc/machine-id");
  await mesh.on("server2", `cp /etc/machine-id /root/machine-id; echo ${id} > /etc/machine-id`);
});
afterAll(() => mesh?.end());

const boots = () => Promise.all(mesh.lab.servers.map((server) => server.bootId()));

test("bare servers get all they need, a busy apt is waited for, and what it does not like is told", async () => {
  let said = "";
  const onOutput = (text: string) => {
    said += text;
  };
  const up = mesh.up({ onOutput });
  const waits = async () => said.includes("server1 host: waiting for the locks of apt");
  await waitUntil(waits, 120, "the step's apt-get");
  assert.equal(await mesh.on("server1", "command -v wg", { allowFailure: true }), "");
  await mesh.on("server1", `touch ${lock}`);
  const done = await up;
  await mesh.untilAllAnswer();
  assert.equal(await mesh.on("server2", "dpkg-query --show thing"), "thing\t1.0");
  const told = warningsOf(done);
  assert.equal(told.length, 3, told.join("\n"));
  assert.ok(told.some((each) => /^server2: apt-get update could not read every source \(E: .*nowhere/.test(each)));
  assert.ok(told.some((each) => /^server2: dpkg has packages that are not configured: foreign: run 'dpkg/.test(each)));
  assert.ok(told.some((each) => /^server[12] and server[12] have the same machine id, as copies/.test(each)));
});

test("apt restarts no service of the operator's, and its hooks run as on any system", async () => {
  const seen = (await mesh.on("server2", "cat /root/hook")).split("\n");
  assert.deepEqual(Array.from(new Set(seen)), ["0022 l"]);
});

test("what was told once is not told by a preview, nor by an up whose step did not run, nor where it is mended", async () => {
  assert.deepEqual(warningsOf(await mesh.preview()), []);
  assert.deepEqual(warningsOf(await mesh.up()), []);
  await mesh.on("server2", "cat /root/machine-id > /etc/machine-id");
  mesh.config.servers.server2!.reapply = "once more";
  assert.deepEqual(warningsOf(await mesh.up()), []);
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

/** Has both servers looked at again, at once; what an up that may fail says. */
let again = 0;
async function lookAgain(): Promise<Result> {
  for (const fields of Object.values(mesh.config.servers)) fields.reapply = `look ${again++}`;
  return mesh.up({ allowFailure: true, continueOnError: true });
}

test("a program that is gone comes back; one that cannot run is no program, though its package is there", async () => {
  afterThis(() => mesh.on("server2", "rm -f /usr/local/bin/socat"));
  await mesh.on("server1", "rm /usr/bin/socat");
  await mesh.on("server2", "printf '#!/bin/sh\nexit 1\n' > /usr/local/bin/socat; chmod 755 /usr/local/bin/socat");
  const { code, stdout, stderr } = await lookAgain();
  assert.notEqual(code, 0);
  assert.match(stdout, /server1 host: installed socat/);
  assert.match(await mesh.on("server1", "socat -V"), /socat version/);
  const sentence =
    /fakevpc: server2 host: missing or not running: socat, though the package socat is installed: find out/;
  assert.match(stdout + stderr, sentence);
});

test("without apt it counts, too, whether the programs are there", async () => {
  const all = ["apt-get", "dpkg", "dpkg-query"];
  const hide = (name: string) => `mv /usr/bin/${name} /usr/bin/${name}.hidden`;
  const show = (name: string) => `mv /usr/bin/${name}.hidden /usr/bin/${name}`;
  afterThis(() =>
    mesh.onAll(
      `${all.map(show).join("; ")}; [ -e /usr/bin/socat ] || mv /usr/bin/socat.hidden /usr/bin/socat; rm -f /usr/local/bin/dnf`,
    ),
  );
  await mesh.onAll(all.map(hide).join("; "));
  await mesh.on("server2", `${hide("socat")}; printf '#!/bin/sh\n' > /usr/local/bin/dnf; chmod 755 /usr/local/bin/dnf`);
  const result = await lookAgain();
  assert.notEqual(result.code, 0);
  const sentence =
    /fakevpc: server2 host: there is no apt-get here, and of the programs .*run: socat: run 'dnf install socat' on the server and run again/;
  assert.match(result.stdout + result.stderr, sentence);
  assert.match(result.stdout, /fakevpc-server1-mesh updated/);
  assert.deepEqual(warningsOf(result, "server1:"), []);
});

test("cloud-init is waited for where it is at work, which the up says, and nowhere else", async () => {
  const fake = (words: string) =>
    `case "$*" in *--wait*) touch /run/waited; until [ -e /run/cloud-init-done ]; do sleep 0.2; done ;; *) ${words} ;; esac`;
  const place = (words: string) =>
    `printf '%s\n' '#!/bin/sh' '${fake(words)}' > /usr/local/bin/cloud-init; chmod 755 /usr/local/bin/cloud-init`;
  afterThis(() => mesh.onAll("rm -f /usr/local/bin/cloud-init; touch /run/cloud-init-done"));
  await mesh.on("server1", place("echo status: not run"));
  await mesh.on("server2", place("[ -e /run/cloud-init-done ] || echo status: running"));
  const up = lookAgain();
  const waits = async () => (await mesh.on("server2", "ls /run/waited", { allowFailure: true })) !== "";
  await waitUntil(waits, 120, "a step that waits for cloud-init");
  await mesh.on("server2", "touch /run/cloud-init-done");
  const { code, stdout } = await up;
  assert.equal(code, 0);
  assert.match(stdout, /server2 host: waiting for cloud-init, which is at work here/);
  assert.doesNotMatch(stdout, /server1 host: waiting/);
  assert.equal(await mesh.on("server1", "ls /run/waited", { allowFailure: true }), "");
});
