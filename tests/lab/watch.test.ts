import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh, untilBound, unwatched } from "./support";

// Somebody or something breaks what runs of a mesh; the server itself puts it right, and leaves alone what was stopped on purpose.
let mesh: TestMesh;
const names = ["server1", "server2", "server3"];
/** Where networkd has had a file that matches every interface, since before the mesh; one of each system. */
const matchedByNetworkd = ["server1", "server3"];
const host = "/var/lib/fakevpc/vpc/host.sh";
const inspect = `sh ${host} inspect vpc server2`;
const forwarder = "fakevpc-vpc-service-echo-8888.service";
const log = "journalctl -u fakevpc-vpc-watch --output=cat --since=@$(cat /run/began)";

beforeAll(async () => {
  mesh = await TestMesh.start(
    names.map((name) => ({ name, packages: true, suite: name === "server3" ? "trixie" : "bookworm" })),
  );
  const all = "printf '[Match]\\nName=*\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/99-all.network";
  for (const name of matchedByNetworkd) await mesh.on(name, `${all}; networkctl reload`);
  mesh.config.services = { echo: { server: "server2", port: 8888 } };
  await mesh.up();
});
afterAll(() => mesh?.end());

/** What an up would change on server2. */
async function changes(): Promise<string[]> {
  const said = await mesh.on("server2", inspect, { allowFailure: true });
  return said.split("\n").filter((line) => /^(change|refuse): /.test(line));
}

const killed = "pkill -KILL -f '[w]ireguard-go vpcc1'; while ip link show vpcc1; do sleep 0.1; done > /dev/null 2>&1";

/** Each fault, and what the dry run says of it; "" where it heals at once. */
const faults: Record<string, [command: string, says: string]> = {
  "the rule set was flushed": ["nft flush ruleset", "loaded the nft table fakevpc_vpc"],
  "nftables.service was started for the first time": ["systemctl start nftables", ""],
  "nftables.service was restarted": ["systemctl restart nftables", ""],
  "nftables.service was stopped": ["systemctl stop nftables", ""],
  "forwarding was switched off": [
    "echo 0 > /proc/sys/net/ipv4/conf/vpcs/route_localnet",
    "let vpcs forward to 127.0.0.1",
  ],
  "wireguard-go died": [killed, "starting vpcc1: it is not there"],
  "an interface was deleted": ["ip link delete vpcs", "starting vpcs: it is not there"],
  "an interface was taken down": ["ip link set vpcc1 down", "restarting vpcc1: it is down"],
  "an address was lost": ["ip address flush dev vpcc1", "restarting vpcc1: its address is gone"],
  "a route was lost": [
    "ip route delete 192.168.1.1 dev vpcc1",
    "restarting vpcc1: its route to 192.168.1.1/32 is gone",
  ],
  "a peer was removed": ["wg set vpcs peer $(wg show vpcs peers) remove", "updated vpcs: the peer server3"],
};

for (const [what, [command, says]] of Object.entries(faults)) {
  test(`${what}: the watch puts it right within its period, and says so`, async () => {
    await mesh.on("server2", `${unwatched}; date +%s.%6N > /run/began; { ${command}; } 2> /dev/null`);
    const expected = says === "" ? [] : [`change: ${says}`];
    assert.deepEqual(
      (await changes()).filter((line) => !line.includes("watch.timer")),
      expected,
    );
    await mesh.on("server2", "systemctl start fakevpc-vpc-watch.timer");
    await waitUntil(async () => (await changes()).length === 0, 60, "the watch");
    await mesh.untilAllAnswer();
    const logged = await mesh.on("server2", `${log} | grep -c 'server2 watch:' || true`);
    assert.equal(logged, says === "" ? "0" : "1");
  });
}

test("an endpoint that a peer has roamed to, and is silent at, becomes that of its conf again; one where it answers stays", async () => {
  const { address } = mesh.lab.server("server1");
  const endpoint = () => mesh.on("server2", "wg show vpcc1 endpoints | cut -f 2");
  const now = "systemctl start fakevpc-vpc-watch.service";
  const other = address.replace(/\d+$/, "79");
  await mesh.on("server1", `ip address add ${other}/24 dev eth0`);
  afterThis(() => mesh.on("server1", `ip address delete ${other}/24 dev eth0`));
  await mesh.on("server2", `${unwatched}; wg set vpcc1 peer $(wg show vpcc1 peers) endpoint ${other}:51821`);
  assert.ok(await mesh.pings("server2", "server1.vpcdomain"));
  await mesh.on("server2", now);
  assert.equal(await endpoint(), `${other}:51821`);
  // As it is three minutes after the last session: nothing has come from there.
  const dead =
    "wg showconf vpcc1 | sed 's/^Endpoint = .*/Endpoint = 203.0.113.99:9/' > /root/c; wg set vpcc1 peer $(wg show vpcc1 peers) remove; wg addconf vpcc1 /root/c";
  await mesh.on("server2", `${dead}; ${now}`);
  assert.equal(await endpoint(), `${address}:51821`);
  await mesh.on("server2", "systemctl start fakevpc-vpc-watch.timer");
  await mesh.untilAllAnswer();
});

test("what the dry run says is what an up then changes, and a second dry run is empty", async () => {
  const kinds = Object.values(faults).filter(([command]) => !command.includes("nftables"));
  for (const [command, says] of kinds) {
    await mesh.on("server2", `${unwatched}; { ${command}; } 2> /dev/null`);
    const said = (await changes()).map((line) => line.replace("change: ", ""));
    assert.ok(said.includes(says), `${says}: ${said}`);
    const done = await mesh.on("server2", `sh ${host} apply vpc server2 < /var/lib/fakevpc/vpc/plan`);
    const changed = done
      .split("\n")
      .slice(1)
      .map((line) => line.replace("server2 mesh: ", ""));
    assert.deepEqual(changed, said);
    assert.deepEqual(await changes(), []);
  }
});

test("networkd takes nothing, though a file of its matches all", async () => {
  const managed = "networkctl --no-legend list | awk '$2 ~ /^vpc/ && $5 != \"unmanaged\"'";
  for (const name of matchedByNetworkd) {
    assert.equal(await mesh.on(name, managed), "");
    await mesh.on(
      name,
      "systemctl stop fakevpc-vpc-watch.timer; networkctl reload; systemctl restart systemd-networkd",
    );
    await mesh.lab.server(name).reboot();
    assert.equal(await mesh.on(name, managed), "");
  }
  await mesh.untilAllAnswer();
});

const stops: Record<string, [stop: string, start: string, isStopped: string]> = {
  "wg-quick down": [
    "wg-quick down vpcc1 2> /dev/null",
    "systemctl restart wg-quick@vpcc1",
    "! ip link show vpcc1 2> /dev/null",
  ],
  "systemctl stop of an interface": [
    "systemctl stop wg-quick@vpcc1",
    "systemctl start wg-quick@vpcc1",
    "! ip link show vpcc1 2> /dev/null",
  ],
  "systemctl stop of a forwarder": [
    `systemctl stop ${forwarder}`,
    `systemctl start ${forwarder}`,
    `! systemctl is-active --quiet ${forwarder}`,
  ],
  "systemctl stop of the table": [
    "systemctl stop fakevpc-vpc-firewall; nft flush ruleset",
    "systemctl start fakevpc-vpc-firewall",
    "! nft list table inet fakevpc_vpc 2> /dev/null",
  ],
};

for (const [what, [stop, start, isStopped]] of Object.entries(stops)) {
  test(`${what} is on purpose: it stays so, and the dry run tells`, async () => {
    afterThis(() => mesh.on("server2", start));
    await mesh.on("server2", stop);
    for (let period = 0; period < 3; period++) await mesh.on("server2", "systemctl start fakevpc-vpc-watch.service");
    await mesh.on("server2", isStopped);
    assert.notDeepEqual(await changes(), []);
  });
}

test("an interface whose port was taken at boot comes up once the port is free, and the dry run names who has it", async () => {
  await mesh.on("server1", "systemctl stop fakevpc-vpc-watch.timer");
  const [port] = (await mesh.on("server1", "wg show vpcs listen-port")).split("\n");
  await mesh.on("server1", "systemctl stop wg-quick@vpcs");
  await mesh.on(
    "server1",
    `systemd-run --collect --unit=thief socat UDP4-LISTEN:${port} /dev/null; ${untilBound(`:${port}`)}`,
  );
  afterThis(() => mesh.on("server1", "systemctl stop thief", { allowFailure: true }));
  await mesh.on("server1", "systemctl start wg-quick@vpcs 2> /dev/null || true");
  const said = await mesh.on("server1", `sh ${host} inspect vpc server1`, { allowFailure: true });
  assert.match(said, new RegExp(`warn: .* → socat \\(process \\d+\\) has its UDP port ${port}: end that program`));
  await mesh.on("server1", "systemctl stop thief; systemctl start fakevpc-vpc-watch.timer");
  await mesh.untilAllAnswer();
});

test("interfaces that somebody restarts again and again never meet the watch half-way", async () => {
  const restart = "systemctl reset-failed 'wg-quick@*'; systemctl restart 'wg-quick@vpc*' || echo failed";
  const watching = `(while [ ! -e /run/enough ]; do sh ${host} watch vpc; done) > /dev/null 2>&1 &`;
  const loop = `n=0; while [ $n -lt 20 ]; do n=$((n + 1)); ${restart}; done`;
  assert.equal(await mesh.on("server3", `${watching} ${loop}; touch /run/enough; wait`), "");
  assert.equal(await mesh.on("server3", "systemctl list-units --state=failed --plain --no-legend"), "");
  await mesh.untilAllAnswer();
});

test("a plan that was refused is carried out by nobody, and told", async () => {
  await mesh.on("server3", "ip address add 192.168.9.1/24 dev eth0");
  afterThis(() => mesh.on("server3", "ip address delete 192.168.9.1/24 dev eth0"));
  const plan = "/var/lib/fakevpc/vpc/plan";
  const given = `sed 's/192\\.168\\.3\\.1/192.168.9.1/' ${plan}`;
  const digest = await mesh.on("server3", `sha256sum ${plan}`);
  const refused = await mesh.on("server3", `${given} | sh ${host} apply vpc server3 2>&1 || true`);
  assert.match(
    refused,
    /fakevpc: server3 mesh: a range of the mesh overlaps one of the server's own networks \(192\.168\.9\.0\/24/,
  );
  for (let period = 0; period < 3; period++) await mesh.on("server3", "systemctl start fakevpc-vpc-watch.service");
  assert.equal(await mesh.on("server3", `sha256sum ${plan}`), digest);
  assert.equal(await mesh.on("server3", "ip -4 -o address show dev vpcs | awk '{ print $4 }'"), "192.168.3.1/24");
  const said = await mesh.on("server3", `sh ${host} inspect vpc server3 || true`);
  assert.match(said, /^refuse: a range of the mesh overlaps/m);
  assert.doesNotMatch(said, /^change: /m);
  await mesh.on("server3", `sh ${host} apply vpc server3 < ${plan}`);
});

test("a run that is stopped as it starts leaves nothing behind", async () => {
  // At many moments of its first hundredth of a second.
  const stop = `sh ${host} watch vpc & sleep 0.00$((i % 9))$((i % 7)); kill -TERM $! 2> /dev/null; wait $! || true`;
  await mesh.on("server2", `${unwatched}; for i in $(seq 200); do ${stop}; done`);
  assert.equal(await mesh.on("server2", "ls -d /run/fakevpc.* 2> /dev/null || true"), "");
  await mesh.on("server2", "systemctl start fakevpc-vpc-watch.timer");
});

test("a run that is stopped as it ends, with each of its programs, leaves nothing behind", async () => {
  const stop = 'case "$*" in *" /run/fakevpc."*) kill -TERM "$PPID" $$ ;; esac; exec /bin/rm "$@"';
  await mesh.lab.server("server2").exec(["sh", "-c", "cat > /usr/local/sbin/rm; chmod +x /usr/local/sbin/rm"], {
    input: `#!/bin/sh\n${stop}\n`,
  });
  afterThis(() => mesh.on("server2", "/bin/rm /usr/local/sbin/rm; systemctl start fakevpc-vpc-watch.timer"));
  await mesh.on("server2", `${unwatched}; sh ${host} watch vpc || true`);
  assert.equal(await mesh.on("server2", "ls -d /run/fakevpc.* 2> /dev/null || true"), "");
});
