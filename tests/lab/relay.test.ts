import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { afterThis, tell } from "../after";
import { TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// Private servers at three places, each behind a router of its own, meet through public ones, which see ciphertext alone.
let mesh: TestMesh;
const hubs = ["hub1", "hub2"];
const homes = ["home201", "home202", "home203"];
const relay = { relay: hubs };

beforeAll(async () => {
  mesh = await TestMesh.start([
    ...hubs.map((name) => ({ name, packages: true })),
    { name: "home201", packages: true, nat: true },
    { name: "home202", packages: true, nat: true, suite: "trixie" as const },
    { name: "home203", packages: true, nat: true },
    { name: "outsider", packages: true },
  ]);
  delete mesh.config.servers.outsider;
  Object.assign(mesh.config.servers.home201!, relay);
  Object.assign(mesh.config.servers.home202!, relay);
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

const full = (size: number) => `-c 2 -W 2 -M do -s ${size - 28}`;

/** Whether packets as large as the tunnel's largest pass, and none larger. */
async function fullSize(from: string, to: string): Promise<void> {
  const mtu = 1360;
  await mesh.on(from, `ping ${full(mtu)} ${to}.vpcdomain`);
  const larger = await mesh.on(from, `ping ${full(mtu + 1)} ${to}.vpcdomain 2>&1`, { allowFailure: true });
  assert.doesNotMatch(larger, / 0% packet loss/);
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
    assert.equal(await mesh.pings("outsider", target), false);
    await mesh.on("outsider", `ip route delete ${target}`);
  }
  const listening = await mesh.on("hub1", "ss -Hlun 'sport = 53021' | awk '{ print $4 }'");
  assert.equal(listening, "192.168.1.1:53021");
});

test("the relay in use loses its power: the session goes on through the other, and goes back losing nothing", async () => {
  const used = await relayOf("home202", "home201");
  const other = hubs.find((name) => name !== used)!;
  const started = Date.now();
  await mesh.lab.server(used).off({ hard: true });
  await waitUntil(
    async () => (await relayOf("home202", "home201")) === other && mesh.pings("home202", "home201.vpcdomain"),
    180,
    "failover",
  );
  tell(`failover: ${(Date.now() - started) / 1000} s after the power cut`);
  await mesh.lab.server(used).on();
  const traffic = await trafficDuring(mesh, ["home201", "home202"], async () => {
    if (used === "hub1")
      await waitUntil(async () => (await relayOf("home202", "home201")) === used, 300, "the way back");
  });
  assert.deepEqual(disturbed(traffic), []);
  await mesh.untilAllAnswer();
});

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
