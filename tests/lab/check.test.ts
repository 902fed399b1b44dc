import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { CheckReport } from "../../cli/check/check";
import { packageFile } from "../../components/packageFile";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh, untilBound } from "./support";

// Servers on which nothing is installed: one pair that something between them keeps apart, one that is dead, one whose own firewall is shy, one at home.
const shy = `table inet shy {
  chain in {
    type filter hook input priority 0; policy drop;
    ct state established,related accept; iifname lo accept; tcp dport 22 accept;
  }
}`;
let mesh: TestMesh;

beforeAll(async () => {
  const names = ["server1", "server2", "server3", "server4", "home"];
  mesh = await TestMesh.start(names.map((name) => ({ name, nat: name === "home", packages: name !== "server4" })));
  Object.assign(mesh.config.servers.home!, { index: 200 });
});
afterAll(() => mesh?.end());

async function check(): Promise<CheckReport> {
  const { code, stdout, stderr } = await fakevpc("--json");
  assert.equal(stderr, "");
  const report = JSON.parse(stdout) as CheckReport;
  assert.equal(code, report.findings.length === 0 ? 0 : 1, "the exit code is 0 only if all is well");
  return report;
}

async function fakevpc(...argv: string[]) {
  await mesh.writeConfig();
  const command = [process.execPath, packageFile("dist/cli/main.js"), "check", "--stack", "test", ...argv];
  return mesh.stack.run(command, { allowFailure: true, timeout: 200_000 });
}

/** The lab's way to packages may take its time. */
async function install(server: string, name: string): Promise<void> {
  const apt = "apt-get -qq -o Acquire::http::Timeout=10";
  const once = `(${apt} update && ${apt} install -y ${name}) > /dev/null 2>&1 && echo installed`;
  const tried = async () => (await mesh.on(server, once, { allowFailure: true })) === "installed";
  await waitUntil(tried, 180, `${name} on ${server}`);
}

const states = ({ pairs }: CheckReport) =>
  Object.fromEntries(pairs.map(({ dialler, listener, state }) => [`${dialler} ${listener}`, state]));
const said = ({ findings }: CheckReport) => findings.map(({ kind, servers }) => `${kind} ${servers.join(" ")}`);

test("the matrix is right: a blocked pair, a dead server, a shy firewall and a home server", async () => {
  const { lab } = mesh;
  await lab.server("server1").partition("server2");
  await lab.server("server3").off({ hard: true });
  await install("server4", "nftables");
  await mesh.on("server4", `nft '${shy}'`);
  const before = await mesh.on("server4", "find /etc /var/lib /root /tmp -newer /etc/hostname -type f | sort");

  const report = await check();
  assert.deepEqual(states(report), {
    "server2 server1": "blocked",
    "server3 server1": "unknown",
    "server3 server2": "unknown",
    "server4 server1": "reaches",
    "server4 server2": "reaches",
    "server4 server3": "unknown",
    "home server1": "reaches",
    "home server2": "reaches",
    "home server3": "unknown",
    "home server4": "blocked",
  });
  assert.deepEqual(said(report), ["ssh server3", "link server4", "link server1 server2"]);
  const [dead, own, between] = report.findings.map(({ message, remedy }) => `${message} → ${remedy}`);
  assert.match(dead!, /^unreachable by SSH \(.*\) → is it switched on/);
  assert.match(
    own!,
    /^blocked: its own nftables keeps out what home sends to UDP port 51824 → let UDP port 51824 in there$/,
  );
  assert.match(
    between!,
    /nothing arrives at the card of server1 → others get through to it, so look at .* in from server2$/,
  );
  const measured = report.pairs.filter(({ state }) => state === "reaches");
  assert.deepEqual([...new Set(measured.map(({ largest }) => largest))], [1500]);
  assert.ok(measured.every(({ roundTrip }) => roundTrip! >= 0));
  assert.equal(await mesh.on("server4", "find /etc /var/lib /root /tmp -newer /etc/hostname -type f | sort"), before);
  const { stdout } = await fakevpc();
  assert.match(stdout, /^home +reaches .* cannot be asked +blocked$/m);
});

test("ufw and firewalls like it are named, and openFirewall is believed", async () => {
  await mesh.lab.server("server1").heal();
  delete mesh.config.servers.server3;
  await mesh.on("server4", "nft delete table inet shy");
  await install("server4", "ufw");
  await mesh.on("server4", "ufw limit 22/tcp; ufw --force enable");
  const report = await check();
  assert.equal(states(report)["home server4"], "blocked");
  assert.match(report.findings[0]!.message, /its own ufw keeps out what home sends to UDP port 51824/);
  assert.match(report.notes[0]!.message, /its ufw limits connections to 22\/tcp/);
  mesh.config.openFirewall = true;
  const opened = await check();
  assert.equal(states(opened)["home server4"], "opens");
  assert.deepEqual(opened.findings, []);
  delete mesh.config.servers.server4;
});

test("too large packets are found before they hurt", async () => {
  const chain = "add chain inet cut in { type filter hook prerouting priority 0; }";
  afterThis(() => mesh.on("server1", "nft delete table inet cut"));
  await mesh.on(
    "server1",
    `nft 'add table inet cut; ${chain}; add rule inet cut in udp dport 51821 meta length > 1400 drop'`,
  );
  const { findings } = await check();
  assert.deepEqual(said({ findings } as CheckReport), ["mtu server2 server1 home"]);
  assert.match(findings[0]!.message, /server2 – server1 \(1400 bytes are the most\)/);
  assert.equal(findings[0]!.remedy, 'set "mtu: 1340"');
  mesh.config.mtu = 1340;
  assert.deepEqual((await check()).findings, []);
  delete mesh.config.mtu;
});

test("what else is in the way of a server is told", async () => {
  const { server1, server2, home } = mesh.config.servers;
  afterThis(async () => {
    for (const fields of [server1, server2, home]) delete fields!.user;
    delete mesh.config.ifaceIpOffset;
    await mesh.on("server1", "pkill perl; sed -i '/server2/d' /etc/hosts");
    await mesh.on("server2", "chsh -s /bin/sh ops");
  });
  server1!.user = "opspw";
  server2!.user = "ops";
  mesh.config.ifaceIpOffset = 253 - 200;
  await mesh.on("server2", "chsh -s /bin/true ops");
  await mesh.on("server1", "echo 10.1.2.3 server2.vpcdomain server2 >> /etc/hosts");
  await mesh.on("server1", "ip address add 192.168.53.7/24 dev lo");
  await mesh.on(
    "server1",
    `systemd-run --quiet socat UDP4-RECVFROM:51821,fork /dev/null; ${untilBound("0.0.0.0:51821")}`,
  );
  const { findings, notes } = await check();
  const messages = findings.map(({ servers, message }) => `${servers}: ${message}`).join("\n");
  assert.match(messages, /^server1: the sudo of opspw asks for a password$/m);
  assert.match(messages, /^server2: SSH lets ops in, but the login runs no command/m);
  assert.match(messages, /^server1: 192\.168\.53\.0\/24 overlaps its own network 192\.168\.53\.7\/24 on lo$/m);
  assert.match(messages, /^server1: UDP port 51821 is in use there$/m);
  assert.ok(notes.some(({ message }) => /^line \d+ of its \/etc\/hosts has server2 as 10\.1\.2\.3$/.test(message)));
});

test("a mesh that is there is checked beside WireGuard, on its ports", async () => {
  await mesh.lab.server("server1").reboot();
  await mesh.up();
  await mesh.untilAllAnswer();
  const report = await check();
  assert.deepEqual(report.findings, []);
  assert.deepEqual([...new Set(Object.values(states(report)))], ["reaches"]);
  await mesh.untilAllAnswer();
});
