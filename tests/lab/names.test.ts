import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { NameServer } from "../../lab/servers/dns";
import { waitUntil } from "../../lab/wait";
import { TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// server1 is dialled by a name, whose address is not there at first, changes, and differs from where it has roamed to.
let mesh: TestMesh;
let dns: NameServer;
const name = "server1.dyn.example";

beforeAll(async () => {
  mesh = await TestMesh.start(
    ["server1", "server2", "server3", "server4"].map((each) => ({ name: each, packages: true })),
  );
  dns = await NameServer.start(mesh.lab);
  await mesh.onAll(`printf '${dns.resolvConf}' > /etc/resolv.conf`);
  mesh.config.servers.server1!.endpoint = name;
});
afterAll(() => mesh?.end());

const address = () => mesh.lab.server("server1").address;
/** Another address of server1's own network card. */
const otherAddress = (last: number) => address().replace(/\d+$/, String(last));
const endpoint = (server: string) => mesh.on(server, "wg show vpcc1 endpoints | cut -f 2");
/** What the timer does twice a minute, now. */
const lookUp = (server: string) => mesh.on(server, "systemctl start fakevpc-vpc-watch.service");

async function isDialledAt(server: string, wanted: string): Promise<void> {
  await waitUntil(async () => (await endpoint(server)) === `${wanted}:51821`, 240, `${server} dialling ${wanted}`);
}

test("a name that does not resolve yet fails no up and keeps no interface down", async () => {
  const { stdout: output } = await mesh.up();
  assert.match(
    output,
    /server2 mesh: warning: server1\.dyn\.example has no address here, so vpcc1 has nobody to dial yet/,
  );
  assert.equal(await endpoint("server2"), "(none)");
  assert.ok(await mesh.pings("server3", "server2.vpcdomain"));
});

test("it is dialled by itself once it resolves", async () => {
  await dns.setName(name, address());
  await isDialledAt("server2", address());
  await mesh.untilAllAnswer();
});

test("a name that does not resolve at boot keeps no interface down either", async () => {
  await dns.setName(name);
  // Or it would know the last endpoint.
  const last = "/var/lib/fakevpc/vpc/interfaces/vpcc1.endpoints";
  await mesh.on("server2", `systemctl stop fakevpc-vpc-watch.timer; rm ${last}; sync`);
  await mesh.lab.server("server2").reboot({ hard: true });
  await waitUntil(
    async () => (await mesh.on("server2", "systemctl is-active wg-quick@vpcc1 || true")) === "active",
    60,
    "vpcc1",
  );
  assert.equal(await endpoint("server2"), "(none)");
  await dns.setName(name, address());
  await isDialledAt("server2", address());
  await mesh.untilAllAnswer();
});

test("the last endpoint serves while the name does not resolve at boot", async () => {
  await lookUp("server2");
  await dns.setName(name);
  await mesh.lab.server("server2").reboot({ hard: true });
  await isDialledAt("server2", address());
  await mesh.untilAllAnswer();
  await dns.setName(name, address());
});

test("an endpoint that roamed is left alone while the name yields the old address", async () => {
  const roamed = otherAddress(77);
  await mesh.on("server1", `ip address add ${roamed}/24 dev eth0`);
  await lookUp("server2");
  // What server2 would do by itself on a packet of server1 from there.
  await mesh.on("server2", `wg set vpcc1 peer $(wg show vpcc1 peers) endpoint ${roamed}:51821`);
  assert.ok(await mesh.pings("server2", "server1.vpcdomain"));
  const traffic = await trafficDuring(mesh, ["server1", "server2"], async () => {
    for (let round = 0; round < 3; round++) await lookUp("server2");
  });
  assert.deepEqual(disturbed(traffic), []);
  assert.equal(await endpoint("server2"), `${roamed}:51821`);
});

test("a name that moves is dialled at its new address, without a restart", async () => {
  const interfaces = await interfacesOf(mesh, ["server2", "server3"]);
  const moved = otherAddress(78);
  await mesh.on("server1", `ip address add ${moved}/24 dev eth0`);
  await dns.setName(name, moved);
  await isDialledAt("server2", moved);
  await isDialledAt("server3", moved);
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  await mesh.untilAllAnswer();
});

/** Nothing is known of the peer any more, nor where it was. */
async function dialAsAtFirst(server: string): Promise<void> {
  const forget = "rm -f /var/lib/fakevpc/vpc/interfaces/vpcc1.endpoints /run/fakevpc/vpc/vpcc1.tried";
  await mesh.on(server, `systemctl stop wg-quick@vpcc1; ${forget}; systemctl start wg-quick@vpcc1`);
  await lookUp(server);
}

/** An IPv6 address that nobody has, in a network that a server believes to be its own. */
const dead = "2001:db8:18::1";

test("of two addresses the next is dialled where the first gets no answer: at once, and when the link has failed later", async () => {
  await mesh.on("server2", "ip -6 address add 2001:db8:18::2/64 dev eth0 nodad");
  await dns.setName(name, dead, address());
  const first = await mesh.on("server2", `getent ahosts ${name} | head -n 1`);
  assert.match(first, /^2001:db8:18::1 /, "the dead one is the system's choice");
  await dialAsAtFirst("server2");
  await isDialledAt("server2", address());
  await waitUntil(() => mesh.pings("server2", "server1.vpcdomain"), 120, "an answer");
  const handshake = () => mesh.on("server2", "wg show vpcc1 latest-handshakes | cut -f 2");
  assert.notEqual(await handshake(), "0");
  for (let round = 0; round < 3; round++) await lookUp("server2");
  assert.equal(await endpoint("server2"), `${address()}:51821`, "one that answers is kept");
});

test("an address of the mesh itself is never dialled, and an up says so", async () => {
  await dns.setName(name, "192.168.1.1", address());
  await lookUp("server2");
  assert.equal(await endpoint("server2"), `${address()}:51821`);
  await dns.setName(name, "192.168.1.1");
  for (let round = 0; round < 2; round++) await lookUp("server2");
  assert.equal(await endpoint("server2"), `${address()}:51821`);
  mesh.config.servers.server2!.reapply = "1";
  const { stdout: output } = await mesh.up();
  assert.match(output, /server1\.dyn\.example yields an address of the mesh or of this server \(192\.168\.1\.1\)/);
  assert.ok(await mesh.pings("server2", "server1.vpcdomain"));
});

test("peers of both families are told, as wireguard-go mixes up the IPv6 ones among them", async () => {
  const seen = () => mesh.on("server1", "sh /var/lib/fakevpc/vpc/host.sh inspect vpc server1");
  await dns.setName(name, mesh.lab.server("server1").address6!, address());
  await dialAsAtFirst("server3");
  const bySix = async (count: number) =>
    (await mesh.on("server1", "wg show vpcs endpoints | grep -cF '[' || true")) === String(count);
  await waitUntil(() => bySix(1), 120, "server3 at IPv6");
  assert.doesNotMatch(await seen(), /by IPv4 and by IPv6/, "a single one it cannot mix up");
  await dialAsAtFirst("server4");
  await waitUntil(() => bySix(2), 120, "server4 at IPv6");
  assert.match(await seen(), /^warn: peers reach vpcs by IPv4 and by IPv6, .*→ load WireGuard into the kernel/m);
  mesh.config.servers.server1!.reapply = "1";
  const { stdout: output } = await mesh.up();
  assert.match(output, /server1 mesh: warning: peers reach vpcs by IPv4 and by IPv6, .* or let this server's endpoint/);
});
