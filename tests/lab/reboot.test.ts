import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { tell } from "../after";
import { TestMesh } from "./support";
import { disturbed, trafficDuring } from "./traffic";

// A server reboots, orderly or not: its sessions come back by themselves, and nobody else notices.
let mesh: TestMesh;
const names = ["server1", "server2", "server3"];

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
afterAll(() => mesh?.end());

/** When a server last shook hands with a peer, in seconds of its clock; 0 for never. */
async function handshake(name: string, peer: string): Promise<number> {
  const [self, other] = [name, peer].map((each) => Number(each.slice(-1)));
  // A listening interface has many peers, told apart by their comment in the conf.
  const key = `$(grep -A 1 '^# ${peer}$' /etc/wireguard/${self! < other! ? "vpcs" : `vpcc${other}`}.conf | sed -n 's/^PublicKey = //p')`;
  return Number(await mesh.on(name, `wg show all latest-handshakes | grep -F "${key}" | cut -f 3`));
}

/** Everything the watch timer writes down twice a minute, now. */
async function remember(name: string): Promise<void> {
  await mesh.on(name, "systemctl start fakevpc-vpc-watch.service");
}

/** Who reboots, who is its peer, and who of the two sends first afterwards. */
const cases = [
  { role: "listening", rebooted: "server1", peer: "server3" },
  { role: "dialling", rebooted: "server3", peer: "server1" },
];
for (const { role, rebooted, peer } of cases) {
  for (const hard of [false, true]) {
    for (const sender of [rebooted, peer]) {
      const how = hard ? "loses its power" : "reboots";
      const who = sender === rebooted ? "it" : "its peer";
      test(`the ${role} side ${how} and ${who} sends: a new session, and no loss elsewhere`, async () => {
        await remember(rebooted);
        const others = names.filter((name) => name !== rebooted);
        const traffic = await trafficDuring(mesh, others, async () => {
          const start = Number(await mesh.on(peer, "date +%s"));
          await mesh.lab.server(rebooted).reboot({ hard });
          const target = sender === rebooted ? peer : rebooted;
          await waitUntil(() => mesh.pings(sender, `${target}.vpcdomain`), 180, `an answer of ${target}`);
          assert.ok((await handshake(rebooted, peer)) >= start);
          assert.ok((await handshake(peer, rebooted)) >= start);
          assert.ok(await mesh.pings(target, `${sender}.vpcdomain`));
          await tellTime(rebooted, peer);
        });
        assert.deepEqual(disturbed(traffic), []);
        await mesh.untilAllAnswer();
      });
    }
  }
}

/** Seconds from the start of the interface to the first handshake with that peer. */
async function tellTime(rebooted: string, peer: string): Promise<void> {
  const name = rebooted < peer ? "vpcs" : `vpcc${peer.slice(-1)}`;
  const unit = `wg-quick@${name}.service`;
  const started = await mesh.on(
    rebooted,
    `date -d "$(systemctl show --value --property=ActiveEnterTimestamp ${unit})" +%s`,
  );
  tell(`${(await handshake(rebooted, peer)) - Number(started)} s from interface to handshake`);
}

test("a listening server knows its peers' endpoints before any of them says a word", async () => {
  const endpoints = "wg show vpcs endpoints | sort";
  await remember("server1");
  const known = await mesh.on("server1", endpoints);
  assert.doesNotMatch(known, /none/);
  await mesh.lab.server("server1").partition("server2", "server3");
  try {
    await mesh.lab.server("server1").reboot({ hard: true });
    assert.equal(await mesh.on("server1", endpoints), known);
    assert.equal(await mesh.on("server1", "wg show vpcs latest-handshakes | cut -f 2 | sort -u"), "0");
  } finally {
    await mesh.lab.server("server1").heal();
  }
  await mesh.untilAllAnswer();
});
