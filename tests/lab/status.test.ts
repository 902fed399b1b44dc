import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { MeshReport } from "../../cli/findings/examine";
import { packageFile } from "../../components/packageFile";
import { type Result, type RunOptions, run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh } from "./support";

const command = packageFile("dist/cli/main.js");
const forwarder = "fakevpc-vpc-service-echo-8888.service";

let mesh: TestMesh;
let temporary: string;
let keys: string;

beforeAll(async () => {
  temporary = mkdtempSync(path.join(tmpdir(), "fakevpc-status-"));
  keys = mkdtempSync(path.join(tmpdir(), "fakevpc-keys-"));
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
    { name: "server3", packages: true, nat: true },
  ]);
  // Whoever is not root reads by sudo what only root may read; a bastion is on the way, and the key has a passphrase.
  const sshPrivateKeyFile = path.join(keys, "key");
  const sshPrivateKeyPassphrase = "the key's passphrase";
  copyFileSync(mesh.lab.keyFile, sshPrivateKeyFile);
  await run(["ssh-keygen", "-q", "-p", "-P", "", "-N", sshPrivateKeyPassphrase, "-f", sshPrivateKeyFile]);
  const { address, hostKey } = mesh.lab.server("server3");
  const proxy = { address, hostKey, user: "root" };
  Object.assign(mesh.config.servers.server2!, { user: "ops", sshPrivateKeyFile, sshPrivateKeyPassphrase, proxy });
  mesh.config.services = { echo: { server: "server2", port: 8888 } };
  await mesh.up();
  await startEcho();
  await mesh.switchOffWatch();
});

afterAll(async () => {
  await mesh?.end();
  for (const directory of [temporary, keys]) rmSync(directory, { recursive: true, force: true });
});

async function startEcho(): Promise<void> {
  await mesh.on(
    "server2",
    "systemd-run --collect --unit=echo socat TCP4-LISTEN:8888,bind=127.0.0.1,fork,reuseaddr EXEC:cat",
  );
}

/** How often sshd let somebody in since the server's start. */
async function logins(server: string): Promise<number> {
  return Number(await mesh.on(server, "journalctl --boot --unit=ssh | grep -c Accepted || true"));
}

function fakevpc(argv: string[], env: NodeJS.ProcessEnv = {}, options: RunOptions = {}): Promise<Result> {
  const all = { allowFailure: true, timeout: 240_000, env: { TMPDIR: temporary, ...env }, ...options };
  return mesh.stack.run([process.execPath, command, ...argv, "--stack", "test"], all);
}

async function report(): Promise<MeshReport> {
  const { code, stdout, stderr } = await fakevpc(["status", "--json"]);
  assert.equal(stderr, "");
  const [only] = JSON.parse(stdout) as MeshReport[];
  assert.equal(code, only!.findings.length === 0 ? 0 : 1, "the exit code is 0 only if all is well");
  return only!;
}

/** Asks until exactly this is wrong, as "KIND SERVERS": a tunnel needs some seconds to notice. */
async function findings(...expected: string[]): Promise<MeshReport> {
  let last: MeshReport | undefined;
  const brief = () => last!.findings.map(({ kind, servers }) => `${kind} ${servers.join(" ")}`);
  const arrived = async () => {
    last = await report();
    return brief().join() === expected.join();
  };
  await waitUntil(arrived, 240, `findings: ${expected}`).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last, undefined, 2)}`);
  });
  return last!;
}

test("a healthy mesh is shown as such, and nothing stays behind", async () => {
  const { directions } = await findings();
  assert.equal(directions.length, 6);
  for (const { ping, fullSize, handshakeAge } of directions) {
    assert.ok(ping!.received > 0 && ping!.roundTrip! > 0 && fullSize && handshakeAge! < 180);
  }
  const { code, stdout } = await fakevpc(["status"]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^server1 +· +[\d.]+ ms {2}0 % {2}\d+ s/m);
  assert.match(stdout, /all is well/);
  assert.deepEqual(Array.from(readdirSync(temporary)), []);
});

test("with --watch it looks again and again over one connection a server, and leaves nothing behind when it is interrupted", async () => {
  let leader: number;
  let looks = 0;
  const before = await logins("server1");
  const onOutput = (text: string) => {
    looks += text.split("\n").length - 1; // a line for each look
    if (looks === 3) process.kill(-leader, "SIGINT");
  };
  const { code, stdout } = await fakevpc(
    ["status", "--json", "--watch"],
    {},
    { onOutput, onStart: (pid) => (leader = pid) },
  );
  assert.equal(code, 130);
  assert.deepEqual(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)[0].findings),
    [[], [], []],
  );
  assert.equal((await logins("server1")) - before, 1);
  assert.deepEqual(Array.from(readdirSync(temporary)), []);
});

test("with a key of one's own the stack's secrets stay encrypted", async () => {
  const locked = { PULUMI_CONFIG_PASSPHRASE_FILE: "", PULUMI_CONFIG_PASSPHRASE: "wrong" };
  const { code, stdout, stderr } = await fakevpc(["status", "--identity", mesh.lab.keyFile], locked);
  assert.equal(code, 0, stdout + stderr);
});

test("an address of a server that another program's rule takes away is told from a link that is down", async () => {
  Object.assign(mesh.config, { network: "10.77.0.0/16", network6: "auto" });
  await mesh.up();
  afterThis(async () => {
    await mesh.on("server1", "ip rule delete priority 100");
    for (const key of ["network", "network6"]) delete mesh.config[key];
    await mesh.up();
  });
  const { directions } = await findings();
  const answers = directions.flatMap(({ stable }) => stable.map((each) => each.ping.received > 0));
  assert.deepEqual(answers, Array(12).fill(true));
  const { stdout } = await fakevpc(["status"]);
  assert.match(stdout, /^server1 +·( +\|? ?[\d.]+ ms){3} {2}0 % {2}\d+ s/m);
  await mesh.on("server1", "ip rule add to 10.77.0.2 prohibit priority 100");
  const { findings: found } = await findings("address server1 server2", "address server2 server1");
  assert.match(found[0]!.remedy, /^see by "ip route get 10\.77\.0\.2" on server1/);
});

test("a link that is cut shows as that link, and in the picture", async () => {
  afterThis(() => mesh.lab.server("server1").heal());
  await mesh.lab.server("server1").partition("server2");
  const { findings: found, directions } = await findings("link server1 server2");
  assert.match(found[0]!.message, /server1 gets no answer .*, server2 gets no answer/);
  const silent = directions.filter(({ ping }) => ping!.received === 0).map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(silent, ["server1 server2", "server2 server1"]);

  const file = path.join(keys, "mesh.svg");
  const { code } = await fakevpc(["graph", "--live", "--format", "svg", "--output", file]);
  assert.equal(code, 0);
  const states = [...readFileSync(file, "utf8").matchAll(/class="arrow line-(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(states, ["down", "up", "up"], "arrows 2→1, 3→1, 3→2");
});

test("a drifted conf shows as that file, without a key", async () => {
  const conf = "/etc/wireguard/vpcc1.conf";
  afterThis(() => mesh.on("server2", `mv /root/saved ${conf}`));
  await mesh.on("server2", `cp -p ${conf} /root/saved`);
  await mesh.on("server2", `sed -i "s|^PresharedKey = .*|PresharedKey = $(wg genpsk)|" ${conf}`);
  const { findings: found } = await findings("drift server2");
  assert.equal(found[0]!.message, 'it is not as its plan says (an up would say "wrote /etc/wireguard/vpcc1.conf")');
});

test("a drifted hosts file shows as that file", async () => {
  afterThis(() => mesh.on("server1", "mv /etc/hosts.saved /etc/hosts"));
  await mesh.on("server1", "sed -i.saved '/server3/d' /etc/hosts");
  const { findings: found } = await findings("drift server1");
  assert.match(found[0]!.message, /would say "wrote \/etc\/hosts"/);
});

test("a firewall that somebody emptied shows", async () => {
  afterThis(() => mesh.on("server3", "systemctl restart fakevpc-vpc-firewall.service"));
  await mesh.on("server3", "nft flush ruleset");
  const { findings: found } = await findings("drift server3");
  assert.match(found[0]!.message, /would say "loaded the nft table fakevpc_vpc"/);
});

const causes: Record<string, [command: string, undo: string, kind: string, says: RegExp]> = {
  "a lost address": [
    "ip address flush dev vpcc2",
    "systemctl restart wg-quick@vpcc2",
    "link server2 server3,drift server3",
    /^mend server3 first: restarting vpcc2: its address is gone/,
  ],
  "an interface that is down, though its unit is active": [
    "ip link set vpcc2 down",
    "systemctl restart wg-quick@vpcc2",
    "link server2 server3,drift server3",
    /^mend server3 first: restarting vpcc2: it is down/,
  ],
  "forwarding that is off": [
    "echo 0 > /proc/sys/net/ipv4/conf/vpcc2/route_localnet",
    "echo 1 > /proc/sys/net/ipv4/conf/vpcc2/route_localnet",
    "drift server3",
    /reapply/,
  ],
  "a name that an older line has": [
    "cp /etc/hosts /root/hosts; sed -i '1i 203.0.113.9 server2' /etc/hosts",
    "mv /root/hosts /etc/hosts",
    "warning server3",
    /^take server2 out of that line/,
  ],
  "a second network over a range": [
    "ip address add 192.168.0.1/20 dev eth0",
    "ip address delete 192.168.0.1/20 dev eth0",
    "warning server3,warning server3,warning server3",
    /^move that network/,
  ],
};

for (const [what, [command, undo, kinds, remedy]] of Object.entries(causes)) {
  test(`${what} shows with its cause and what helps`, async () => {
    afterThis(() => mesh.on("server3", undo));
    await mesh.on("server3", command);
    const { findings: found } = await findings(...kinds.split(","));
    assert.match(found[0]!.remedy, remedy);
  });
}

test("a forwarder that is not needed, as the service listens everywhere, shows with that program", async () => {
  afterThis(async () => {
    await mesh.on("server2", "systemctl stop wide");
    await startEcho();
  });
  const wide = "systemd-run --collect --unit=wide socat TCP4-LISTEN:8888,fork,reuseaddr EXEC:cat";
  await mesh.on("server2", `systemctl stop echo; until ! ss -Hltn | grep -q :8888; do sleep 0.1; done; ${wide}`);
  const said = async () => {
    const { findings: found } = await report();
    return found.some(({ message }) => /^socat \(process \d+\) listens at 192\.168\.2\.1:8888 itself/.test(message));
  };
  await waitUntil(said, 60, "the program that listens");
});

test("a plan that is not the stack's shows", async () => {
  const plan = "/var/lib/fakevpc/vpc/plan";
  afterThis(() => mesh.on("server1", `mv /root/plan ${plan}`));
  await mesh.on(
    "server1",
    `cp -p ${plan} /root/plan; sed -i 's/^### services/### services\\nmore 9 nftables/' ${plan}`,
  );
  const { findings: found } = await findings("plan server1", "drift server1", "warning server1");
  assert.equal(found[0]!.message, "it has another plan than the stack");
});

test("a unit that does not run shows as that unit", async () => {
  afterThis(() => mesh.on("server2", `systemctl start ${forwarder}`));
  await mesh.on("server2", `systemctl stop ${forwarder}`);
  const { findings: found } = await findings("drift server2");
  assert.match(found[0]!.message, /would say "started the forwarder of echo at port 8888"/);
});

test("a service whose port nobody listens on shows as that service", async () => {
  afterThis(startEcho);
  await mesh.on("server2", "systemctl stop echo.service");
  const { findings: found } = await findings("warning server2");
  assert.match(found[0]!.message, /127\.0\.0\.1:8888, for the service echo/);
});

test("a link that loses packets of full size shows as trouble with the MTU", async () => {
  const rule = "add rule inet cut in iifname vpcc2 meta length > 1400 drop";
  const chain = "add chain inet cut in { type filter hook prerouting priority 0; }";
  afterThis(() => mesh.on("server3", "nft delete table inet cut"));
  await mesh.on("server3", `nft 'add table inet cut; ${chain}; ${rule}'`);
  const { directions } = await findings("mtu server2 server3");
  const cut = directions.filter(({ fullSize }) => !fullSize).map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(cut, ["server2 server3", "server3 server2"]);
});

test("a server without ping is measured from the other ends", async () => {
  afterThis(() => mesh.on("server1", "mv /usr/bin/ping.away /usr/bin/ping"));
  await mesh.on("server1", "mv /usr/bin/ping /usr/bin/ping.away");
  const { directions } = await findings("missing server1");
  const measured = directions.filter(({ ping }) => ping).map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(measured.sort(), ["server2 server1", "server2 server3", "server3 server1", "server3 server2"]);
});

test("a server that is off hides nothing of the others", async () => {
  await mesh.lab.server("server1").off({ hard: true });
  const { findings: found, directions } = await findings("ssh server1");
  assert.match(found[0]!.message, /^unreachable by SSH \(.*\); server2 and server3 cannot reach it over the mesh$/);
  const answered = directions.filter(({ ping }) => ping!.received > 0).map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(answered, ["server2 server3", "server3 server2"]);
});
