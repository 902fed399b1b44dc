import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { MeshReport } from "../../cli/findings/examine";
import { packageFile } from "../../components/packageFile";
import { waitUntil } from "../../lab/wait";
import { afterThis, tell } from "../after";
import { TestMesh, untilBound } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// Private servers at three places, each behind a router of its own, meet through public ones, which see ciphertext alone.
let mesh: TestMesh;
const hubs = ["hub1", "hub2"];
const homes = ["home201", "home202", "home203"];

beforeAll(async () => {
  mesh = await TestMesh.start([
    ...hubs.map((name) => ({ name, packages: true })),
    { name: "home201", packages: true, nat: true },
    { name: "home202", packages: true, nat: true, suite: "trixie" as const },
    { name: "home203", packages: true, nat: true },
    { name: "outsider", packages: true },
  ]);
  delete mesh.config.servers.outsider;
  mesh.config.network = "10.77.0.0/16";
  mesh.config.servers.home201!.relay = hubs;
  mesh.config.servers.home202!.relay = ["hub2", "hub1"];
  const late = mesh.config.servers.home203!;
  delete mesh.config.servers.home203;
  await mesh.up();
  await mesh.untilAllAnswer();
  mesh.config.servers.home203 = late;
});
afterAll(() => mesh?.end());

/** The server through which one private server dials another. */
async function relayOf(dialler: string, listener: string): Promise<string> {
  const endpoints = await mesh.on(dialler, `wg show vpcc${listener.slice(-3)} endpoints`);
  const index = /\t192\.168\.(\d+)\.1:/.exec(endpoints)?.[1];
  return `hub${index}`;
}

/** Those of all pairs: 202 to 201, 203 to 201, 203 to 202. */
function relaysInUse(): Promise<string[]> {
  return Promise.all([relayOf("home202", "home201"), relayOf("home203", "home201"), relayOf("home203", "home202")]);
}

const full = (size: number) => `-c 2 -W 2 -M do -s ${size - 28}`;

/** Whether packets as large as the tunnel's largest pass, by name and by the address for all, and none larger. */
async function fullSize(from: string, to: string, index = to.slice(-3)): Promise<void> {
  const mtu = 1360;
  for (const target of [`${to}.vpcdomain`, `10.77.0.${index}`]) {
    await mesh.on(from, `ping ${full(mtu)} ${target}`);
    const larger = await mesh.on(from, `ping ${full(mtu + 1)} ${target} 2>&1`, { allowFailure: true });
    assert.doesNotMatch(larger, / 0% packet loss/);
  }
}

/** How many packets a server has cut into fragments, or put together of them, since its boot. */
function fragments(name: string): Promise<string> {
  const count = `awk '/^Ip: [0-9]/ { sum += $15 + $20 } /^Ip6(ReasmReqds|FragCreates)/ { sum += $2 } END { print sum }'`;
  return mesh.on(name, `${count} /proc/net/snmp /proc/net/snmp6`);
}

test("a third private server joins: nobody else loses a packet, and two relayed pairs work at once", async () => {
  const members = Object.keys(mesh.config.servers).filter((name) => name !== "home203");
  const interfaces = await interfacesOf(mesh, members);
  const traffic = await trafficDuring(mesh, members, () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  await mesh.untilAllAnswer();
  for (const from of homes) {
    for (const to of homes) if (from !== to) await fullSize(from, to);
  }
});

test("a second up changes nothing", async () => {
  await mesh.up({ args: ["--expect-no-changes"], withPreview: true });
});

test("status tells by which relay each pair meets, and finds nothing wrong", async () => {
  // On a busy machine the first up may take so long that a pair has tried its other relay meanwhile.
  await waitUntil(async () => (await relaysInUse()).join() === "hub1,hub1,hub2", 300, "the first relay of each pair");
  const argv = [process.execPath, packageFile("dist/cli/main.js"), "status", "--json", "--stack", "test"];
  const { stdout } = await mesh.stack.run(argv, { allowFailure: true, timeout: 240_000 });
  const [report] = JSON.parse(stdout) as MeshReport[];
  assert.deepEqual(report!.findings, []);
  const relayed = report!.directions
    .filter(({ relay }) => relay)
    .map(({ from, to, relay }) => `${from} ${to} ${relay}`);
  assert.deepEqual(relayed.sort(), ["home202 home201 hub1", "home203 home201 hub1", "home203 home202 hub2"]);
});

/** Looks once more whether a relay still works. A look that follows another too soon looks at nothing. */
async function look(dialler: string, interfaceName: string): Promise<void> {
  const seen = () => mesh.on(dialler, `cat /run/fakevpc/vpc/${interfaceName}.relay`);
  const before = await seen();
  const hasLooked = async () => {
    await mesh.on(dialler, "systemctl start fakevpc-vpc-watch.service");
    return (await seen()) !== before;
  };
  await waitUntil(hasLooked, 120, "look at the relay");
}

test("a pair that says nothing to each other keeps its relay, where the peer drops pings, too", async () => {
  const peer = `wg set vpcs peer ${await mesh.on("home203", "wg show vpcc202 public-key")} persistent-keepalive`;
  for (const name of ["home202", "home203"]) {
    await mesh.on(name, "systemctl stop fakevpc-vpc-watch.timer");
    afterThis(() => mesh.on(name, "systemctl start fakevpc-vpc-watch.timer"));
  }
  const drop = "type filter hook input priority 0; icmp type echo-request drop;";
  await mesh.on("home202", `${peer} 0; nft 'table ip mute { chain c { ${drop} }; }'`);
  afterThis(() => mesh.on("home202", `nft delete table ip mute; ${peer} 25`));
  const speak = "wg set vpcc202 peer $(wg show vpcc202 peers) persistent-keepalive";
  for (let looks = 0; looks < 3; looks++) {
    await mesh.on("home203", `${speak} 0; ${speak} 25`);
    await look("home203", "vpcc202");
    assert.equal(await relayOf("home203", "home202"), "hub2");
  }
});

test("the relay sees no plain text", async () => {
  const word = "a-word-that-nobody-says";
  const capture = async (interfaceName: string, server: string) => {
    await mesh.on(
      server,
      `systemd-run --quiet --collect --unit=capture-${interfaceName} -p StandardOutput=file:/run/capture-${interfaceName} sh -c 'exec tcpdump -U -i ${interfaceName} -w -'`,
    );
    await waitUntil(
      async () => (await mesh.on(server, `stat -c %s /run/capture-${interfaceName}`)) !== "0",
      30,
      "tcpdump",
    );
    afterThis(() => mesh.on(server, `systemctl stop capture-${interfaceName}; rm /run/capture-${interfaceName}`));
  };
  await mesh.onAll(
    "command -v tcpdump > /dev/null || (apt-get -qq update; apt-get -qq install tcpdump) > /dev/null 2>&1",
  );
  const used = await relayOf("home202", "home201");
  await capture("vpcs", used);
  await capture("vpcs", "home201"); // a control: the end of the tunnel does see it
  await mesh.on("home201", "systemd-run --quiet --collect --unit=words socat TCP4-LISTEN:4321,fork,reuseaddr PIPE");
  afterThis(() => mesh.on("home201", "systemctl stop words"));
  await waitUntil(async () => (await mesh.on("home201", "ss -Hltn 'sport = 4321'")) !== "", 20, "the echo");
  assert.equal(await mesh.on("home202", `echo ${word} | nc -w 5 -N home201.vpcdomain 4321`), word);
  const count = (server: string) => mesh.on(server, `grep -c ${word} /run/capture-vpcs`, { allowFailure: true });
  await waitUntil(async () => (await count("home201")) !== "0", 20, "the word in the control");
  assert.equal(await count(used), "0");
  assert.notEqual(await mesh.on(used, "stat -c %s /run/capture-vpcs"), "24");
});

test("an outsider who uses the relay as a router, or its port, gets nothing", async () => {
  const hub = mesh.lab.server("hub1").address;
  for (const target of ["192.168.1.201", "192.168.1.1"]) {
    await mesh.on("outsider", `ip route add ${target} via ${hub}`);
    assert.equal(await mesh.pings("outsider", target, 3), false);
    await mesh.on("outsider", `ip route delete ${target}`);
  }
  const listening = await mesh.on("hub1", "ss -Hlun 'sport = 53021' | awk '{ print $4 }'");
  assert.equal(listening, "192.168.1.1:53021");
});

test("a relay whose port another program has makes the step fail, and the dry run names that program", async () => {
  const unit = "fakevpc-vpc-relay-home201";
  const host = "/var/lib/fakevpc/vpc/host.sh";
  const thief = "systemd-run --quiet --collect --unit=thief socat -u UDP4-RECV:53021 /dev/null";
  afterThis(() => mesh.on("hub1", `systemctl stop thief; systemctl restart ${unit}`));
  await mesh.on("hub1", `systemctl stop ${unit}; ${thief}; ${untilBound("0.0.0.0:53021")}`);
  await mesh.on("hub1", `systemctl start ${unit}`);
  const words = /socat \(process \d+\) has the UDP port of the relay to home201 at 192\.168\.1\.1:53021/.source;
  const failed = await mesh.on("hub1", `sh ${host} apply vpc hub1 < /var/lib/fakevpc/vpc/plan 2>&1 || true`);
  assert.match(failed, new RegExp(`fakevpc: hub1 mesh: ${words}: end that program there and run again`));
  const said = await mesh.on("hub1", `sh ${host} inspect vpc hub1 || true`);
  assert.match(said, new RegExp(`warn: ${words} → end that program there`));
});

test("the relay in use loses its power: the session goes on through the other, and goes back losing nothing", async () => {
  assert.deepEqual(await relaysInUse(), ["hub1", "hub1", "hub2"]);
  const started = Date.now();
  await mesh.lab.server("hub1").off({ hard: true });
  const uninvolved = await trafficDuring(mesh, ["hub2", "home202", "home203"], () =>
    waitUntil(
      async () => (await relayOf("home202", "home201")) === "hub2" && mesh.pings("home202", "home201.vpcdomain"),
      180,
      "failover",
    ),
  );
  tell(`failover: ${(Date.now() - started) / 1000} s after the power cut`);
  assert.deepEqual(disturbed(uninvolved), []);
  await mesh.lab.server("hub1").on();
  const traffic = await trafficDuring(mesh, ["home201", "home202"], async () => {
    const back = waitUntil(async () => (await relayOf("home202", "home201")) === "hub1", 300, "the way back");
    await Promise.all([back, leavesDeadRelay()]);
  });
  assert.deepEqual(disturbed(traffic), []);
  await mesh.untilAllAnswer();
});

/** Of a relay that answers pings and hands nothing on, the pair that needs it goes to its other one. */
async function leavesDeadRelay(): Promise<void> {
  const unit = "fakevpc-vpc-relay-home202";
  await mesh.on("hub2", `systemctl stop ${unit}`);
  await waitUntil(async () => (await relayOf("home203", "home202")) === "hub1", 300, "a relay that works");
  await mesh.on("hub2", `systemctl start ${unit}`);
}

test("either end loses its power: heals", async () => {
  for (const name of ["home201", "home202"]) {
    await mesh.lab.server(name).reboot({ hard: true });
    await mesh.untilAllAnswer();
  }
});

test("a new public address of either router: heals", async () => {
  for (const name of ["home201", "home202"]) {
    await mesh.lab.server(name).changeWanAddress();
    await mesh.untilAllAnswer();
  }
});

test("a relay goes and comes, and the uninvolved lose nothing", async () => {
  const change = async (relays: string[]) => {
    const traffic = await trafficDuring(mesh, hubs, async () => {
      for (const name of ["home201", "home202"]) mesh.config.servers[name]!.relay = relays;
      await mesh.up();
    });
    assert.deepEqual(disturbed(traffic), []);
    await mesh.untilAllAnswer();
  };
  await change(["hub2"]);
  assert.equal(await relayOf("home202", "home201"), "hub2");
  assert.equal(await mesh.on("hub1", "ss -Hlun 'sport = 53021'"), "");
  await change(["hub1", "hub2"]);
  assert.notEqual(await mesh.on("hub1", "ss -Hlun 'sport = 53021'"), "");
});

test("a private server leaves: its relays keep nothing of it", async () => {
  const { home203: _, ...rest } = mesh.config.servers;
  mesh.config.servers = rest;
  delete mesh.config.servers.home202!.relay;
  await mesh.up();
  await mesh.untilAllAnswer();
  for (const hub of hubs) assert.equal(await mesh.on(hub, "ss -Hlun 'sport = 53022'"), "");
});

test("a relay and a private server get other names: the pair meets again, and the others lose nothing", async () => {
  const { hub2, home201, ...rest } = mesh.config.servers;
  mesh.config.servers = {
    ...rest,
    second: { ...hub2, index: 2 },
    cabin: { ...home201, index: 201, relay: ["second", "hub1"] },
  };
  const traffic = await trafficDuring(mesh, ["hub1", "home202"], () => mesh.up());
  assert.deepEqual(disturbed(traffic), []);
  await waitUntil(() => mesh.pings("home202", "cabin.vpcdomain"), 180, "the renamed server");
  assert.ok(await mesh.pings("home201", "home202.vpcdomain"));
  for (const hub of hubs) {
    const units = await mesh.on(hub, "systemctl list-units --plain --no-legend 'fakevpc-vpc-relay-*'");
    assert.match(units, /^fakevpc-vpc-relay-cabin\.service +loaded active running[^\n]*$/);
  }
});

test("over IPv6 endpoints packets of the same size pass, none in fragments", async () => {
  const own = (name: string) => {
    const { address, hostKey } = mesh.lab.server(name);
    return { address, hostKey };
  };
  mesh.config.servers = {
    hub1: { ...own("hub1"), endpoint: mesh.lab.server("hub1").address6 },
    lodge: { ...own("hub2"), index: 204, public: false, relay: ["hub1"] },
    boat: { ...own("outsider"), index: 205, public: false },
  };
  await mesh.up();
  const machines = ["hub1", "hub2", "outsider"];
  for (const name of ["hub2", "outsider"])
    assert.match(await mesh.on(name, "wg show vpcc1 endpoints"), /\t\[2001:db8:51:/);
  await waitUntil(() => mesh.pings("outsider", "lodge.vpcdomain"), 120, "the pair");
  const before = await Promise.all(machines.map(fragments));
  await fullSize("outsider", "lodge", "204");
  await fullSize("hub2", "boat", "205");
  assert.deepEqual(await Promise.all(machines.map(fragments)), before);
});

test("a relay with a firewall lets the pair in by the mesh's interfaces alone, where openFirewall is set", async () => {
  const install =
    "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update; apt-get -qq install --no-install-recommends";
  const enable = "for port in 22/tcp 51821/udp; do ufw allow $port; done; ufw --force enable";
  await mesh.on("hub1", `(${install} ufw) > /dev/null 2>&1; ${enable}`);
  await mesh.on("outsider", "systemctl restart wg-quick@vpcc204"); // a new session, which the firewall has not seen
  assert.equal(await mesh.pings("outsider", "lodge.vpcdomain", 5), false);
  mesh.config.openFirewall = true;
  await mesh.up();
  await waitUntil(() => mesh.pings("outsider", "lodge.vpcdomain"), 120, "the pair");
  assert.equal(await mesh.on("hub1", "ufw show added | grep fakevpc"), "ufw allow in on vpcs comment 'fakevpc vpc'");
});
