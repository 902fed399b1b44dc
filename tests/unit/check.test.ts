import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { familyFindings } from "../../cli/check/families";
import { sizeFindings } from "../../cli/check/largest";
import { overlap } from "../../cli/check/networks";
import { notesOn } from "../../cli/check/notes";
import { pairsOf, roundsOf } from "../../cli/check/pairs";
import { relayedPairs } from "../../cli/check/relayed";
import type { CheckedPair } from "../../cli/check/report";
import { serverFindings } from "../../cli/check/serverFindings";
import { parseSurvey, type Survey } from "../../cli/check/survey";
import type { TriedPair } from "../../cli/check/tryPairs";
import { stateOf, wayFindings } from "../../cli/check/ways";
import { meshOf } from "../../mesh/mesh";

const mesh = meshOf({
  servers: {
    server1: { address: "203.0.113.1" },
    server2: { address: "203.0.113.2" },
    server3: { address: "203.0.113.3" },
    nas: { address: "10.9.0.2", index: 200, public: false, site: "home" },
    tv: { address: "10.9.0.3", index: 201, public: false, site: "home" },
  },
});
const names = mesh.servers.map(({ name }) => name);

const text = (sections: Record<string, string[]>) =>
  Object.entries({ ...sections, end: [""] })
    .map(([name, lines]) => [`### ${name}`, ...lines.map((line) => ` ${line}`)].join("\n"))
    .join("\n");

const well = {
  time: ["1795575181.5"],
  login: ["sudo"],
  system: ["systemd", "apt-get", "perl", "wireguard"],
  disk: ["/ 5000"],
  networks: ["eth0 203.0.113.1/24", "eth0 203.0.113.0/24"],
  interfaces: ["lo", "eth0"],
  mtu: ["1500"],
};
const survey = (more: Record<string, string[]> = {}): Survey => parseSurvey(text({ ...well, ...more }))!;
const login = { user: "ops", port: 22 };
const messagesOf = (more: Record<string, string[]>) =>
  serverFindings(mesh.servers[1]!, survey(more), login, mesh).map(({ message }) => message);

test("each pair is tried once, at its own way, and no server twice in a round", () => {
  const pairs = pairsOf(mesh);
  assert.equal(pairs.length, 10);
  const inLan = pairs.find(({ dialler, listener }) => dialler === "tv" && listener === "nas");
  assert.deepEqual(inLan, { dialler: "tv", listener: "nas", host: "10.9.0.2", port: 52020 });
  for (const count of [2, 3, 4, 5]) {
    const some = names.slice(0, count);
    const among = pairs.filter(({ dialler, listener }) => some.includes(dialler) && some.includes(listener));
    const rounds = roundsOf(some, among);
    assert.deepEqual(new Set(rounds.flat()), new Set(among), `${count} servers`);
    assert.equal(rounds.flat().length, among.length);
    for (const round of rounds) {
      const busy = round.flatMap(({ dialler, listener }) => [dialler, listener]);
      assert.equal(new Set(busy).size, busy.length);
    }
  }
  assert.deepEqual(roundsOf(["server1"], []), []);
});

test("a pair that meets by way of a relay has no way of its own, and a forwarded port is the one that is dialled", () => {
  const relayed = meshOf({
    servers: {
      server1: { address: "203.0.113.1", endpointPort: 4000 },
      nas: { address: "10.9.0.2", index: 200, public: false, relay: ["server1"] },
      office: { address: "10.8.0.2", index: 201, public: false, relay: ["server1"] },
    },
  });
  const brief = pairsOf(relayed).map(({ dialler, listener, port }) => `${dialler} ${listener} ${port}`);
  assert.deepEqual(brief, ["nas server1 4000", "office server1 4000"]);
  const taken = serverFindings(relayed.servers[0]!, survey({ listening: ["*:53020"] }), login, relayed);
  assert.deepEqual(
    taken.map(({ message }) => message),
    ["UDP port 53020 is in use there, where it is to hand on to nas"],
  );
});

test("a pair that meets by relays is as good as its best one, by how both ends reach it", () => {
  const relayed = meshOf({
    servers: {
      hub1: { address: "203.0.113.1" },
      hub2: { address: "203.0.113.2" },
      nas: { address: "10.9.0.2", index: 200, public: false, relay: ["hub1", "hub2"] },
      office: { address: "10.8.0.2", index: 201, public: false },
    },
  });
  const verdict = (states: Record<string, CheckedPair["state"]>) => {
    const legs = pairsOf(relayed).map((pair): CheckedPair => {
      const state = states[`${pair.dialler} ${pair.listener}`] ?? "reaches";
      return { ...pair, state, outcome: "answered", roundTrip: 2, largest: 1500 };
    });
    const [only, ...more] = relayedPairs(relayed, legs);
    assert.deepEqual(more, []);
    const { dialler, listener, relay, state, roundTrip, largest } = only!;
    return `${dialler} ${listener}: ${state} by ${relay} ${roundTrip} ${largest}`;
  };
  assert.equal(verdict({}), "office nas: reaches by hub1 4 1440");
  assert.equal(verdict({ "nas hub1": "blocked" }), "office nas: reaches by hub2 4 1440");
  const blocked = { "nas hub1": "blocked", "office hub2": "blocked" } as const;
  assert.match(verdict(blocked), /^office nas: blocked by hub1/);
  assert.match(verdict({ ...blocked, "nas hub1": "unknown" }), /^office nas: unknown by hub1/);
});

test("networks overlap where they share an address", () => {
  assert.ok(overlap("192.168.1.0/24", "192.168.0.0/16"));
  assert.ok(overlap("192.168.1.0/24", "192.168.0.1/20"));
  assert.ok(overlap("192.168.1.0/24", "192.168.1.7"));
  assert.ok(overlap("192.168.1.0/24", "192.168.1.7/24"));
  assert.ok(!overlap("192.168.1.0/24", "192.168.2.0/24"));
  assert.ok(!overlap("192.168.1.0/24", "fe80::/64"));
  assert.ok(overlap("fd12:3456:789a::/48", "fd12:3456:789a:1::7/64"));
  assert.ok(!overlap("fd12:3456:789a::/48", "fd12:3456:789b::/48"));
  assert.ok(!overlap("192.168.1.0/24", "default"));
});

test("an answer that broke off is none", () => {
  assert.equal(parseSurvey("### login\n root\n"), undefined);
});

test("a server that is fit has nothing said against it", () => {
  assert.deepEqual(messagesOf({}), []);
  assert.deepEqual(notesOn(mesh.servers[1]!, survey(), mesh), []);
});

test("each thing in the way is told", () => {
  assert.deepEqual(messagesOf({ login: ["none"] }), ["ops is not root and has no sudo"]);
  assert.deepEqual(messagesOf({ login: ["password"] }), ["the sudo of ops asks for a password"]);
  assert.deepEqual(messagesOf({ system: ["apt-get", "tun"] }), ["systemd does not run there"]);
  const others = ["systemd", "wireguard", "ip", "ss", "wg", "wg-quick", "nft", "awk", "cmp", "flock", "sha256sum"];
  assert.deepEqual(messagesOf({ system: others, release: ["Fedora 42"] }), [
    "there is no apt-get (Fedora 42), and of the programs that the mesh needs these are missing: socat",
  ]);
  assert.deepEqual(messagesOf({ system: [...others, "socat"], release: ["Fedora 42"] }), []);
  assert.match(messagesOf({ system: ["systemd", "apt-get"] }).join(), /no WireGuard, and there is no \/dev\/net\/tun/);
  assert.deepEqual(messagesOf({ disk: ["/ 5000", "/var 12"] }), ["/var has 12 MB left"]);
  assert.deepEqual(messagesOf({ networks: ["lan 192.168.2.7/24"] }), [
    "192.168.2.0/24 overlaps its own network 192.168.2.7/24 on lan",
  ]);
  assert.deepEqual(messagesOf({ networks: ["lan 192.168.3.7/24"] }), [], "a range of a higher index is not on server2");
  assert.deepEqual(messagesOf({ client: ["192.168.1.9"] }), [
    "192.168.1.0/24 holds 192.168.1.9, the address that you come from",
  ]);
  assert.deepEqual(messagesOf({ nameservers: ["192.168.2.1"] }), ["192.168.2.0/24 holds 192.168.2.1, its name server"]);
  assert.deepEqual(messagesOf({ interfaces: ["vpcs", "vpcc1"], ours: ["vpcs"] }), [
    "an interface vpcc1 is there already and not of this mesh",
  ]);
  assert.deepEqual(messagesOf({ listening: ["*:51822"] }), ["UDP port 51822 is in use there"]);
});

test("the mesh's networks, and those behind servers, are held against a server's own", () => {
  const { servers } = mesh;
  const wide = { ...mesh, network: "10.77.0.0/16", network6: "fd12:3456:789a::/48" };
  const [first, second, ...rest] = servers;
  const routed = { ...wide, servers: [{ ...first!, routes: ["10.50.0.0/24"] }, second!, ...rest] };
  const told = (networks: string[], of = wide, server = second!) =>
    serverFindings(server, survey({ networks, system: [...well.system, "ipv6"] }), login, of).map(
      ({ message, remedy }) => `${message} → ${remedy}`,
    );
  assert.deepEqual(
    told(["lo 10.77.0.2/32", "lo fd12:3456:789a::2/128", "lan 10.77.1.9/24"]),
    [],
    "ours, and beside it",
  );
  assert.deepEqual(told(["lan 10.77.0.9/24"]), [
    "10.77.0.0/24, of the mesh's network, overlaps its own network 10.77.0.9/24 on lan → choose another network",
  ]);
  assert.match(told(["lan fd12:3456:789a::7/64"]).join(), /^fd12:3456:789a::\/48, the mesh's network6, overlaps/);
  assert.deepEqual(told(["lan fd99::7/64"]), []);
  assert.match(
    told(["lan 10.50.0.1/16"], routed).join(),
    /^10\.50\.0\.0\/24, a network behind server1, overlaps its own/,
  );
  assert.deepEqual(told(["lan 10.50.0.1/16"], routed, routed.servers[0]), [], "the server that it is behind");
  const off = serverFindings(second!, survey(), login, wide).map(({ message }) => message);
  assert.deepEqual(off, ["IPv6 is switched off there, and network6 needs it"]);
});

test("what is this mesh's already is in nobody's way", () => {
  const installed = {
    ours: ["vpcs", "vpcc1"],
    interfaces: ["vpcs", "vpcc1"],
    listening: ["0.0.0.0:51822", "[::]:51822"],
    networks: ["vpcs 192.168.2.1/24", "vpcc1 192.168.1.2/32"],
  };
  assert.deepEqual(messagesOf(installed), []);
});

test("names in a hosts file are told where they shadow the mesh's", () => {
  const notes = (line: string) =>
    notesOn(mesh.servers[1]!, survey({ hosts: [line] }), mesh).map(({ message }) => message);
  assert.deepEqual(notes("3 127.0.1.1 server2"), [], "its own bare name is the system's");
  assert.deepEqual(notes("3 127.0.1.1 server2.vpcdomain server2"), [
    "line 3 of its /etc/hosts has server2 as 127.0.1.1",
  ]);
  assert.deepEqual(notes("4 10.0.0.9 db server1 # old"), ["line 4 of its /etc/hosts has server1 as 10.0.0.9"]);
});

/** Every pair with this outcome, but for some. */
function tried(
  exceptions: Record<string, Partial<TriedPair>>,
  outcome: TriedPair["outcome"] = "answered",
): TriedPair[] {
  return pairsOf(mesh).map((pair) => {
    const rest = { outcome, family: 4 as const, roundTrip: 1, largest: 1500 };
    return { ...pair, ...rest, ...exceptions[`${pair.dialler} ${pair.listener}`] };
  });
}
const surveys = new Map(names.map((name) => [name, survey()]));
const sentences = (pairs: TriedPair[], of = mesh, all = surveys) =>
  wayFindings(pairs, of, all).map(({ servers, message, remedy }) => `${servers.join(" ")}: ${message} → ${remedy}`);

test("a blocked pair is told with whose firewall it may be", () => {
  assert.deepEqual(sentences(tried({})), []);
  const [between] = sentences(tried({ "server3 server1": { outcome: "nowhere" } }));
  assert.match(between!, /^server1 server3: .* others get through to it, so look at the firewalls between/);

  const toServer1 = names.slice(1).map((name) => [`${name} server1`, { outcome: "nowhere" }] as const);
  const [provider, ...more] = sentences(tried(Object.fromEntries(toServer1)));
  assert.match(
    provider!,
    /^server1: .* server2, server3, nas and tv send to UDP port 51821 .* in the firewall of its provider/,
  );
  assert.deepEqual(more, []);

  const fromTv = names.slice(0, 4).map((name) => [`tv ${name}`, { outcome: "nowhere" }] as const);
  const mute = sentences(tried({ ...Object.fromEntries(fromTv), "tv nas": { outcome: "answered" } }));
  assert.equal(mute.length, 3, "it reaches one");
  assert.match(
    sentences(tried({ "nas server1": { outcome: "port" } })).join(),
    /server1 hears nas .* does not come back/,
  );
  assert.match(
    sentences(tried({ "nas server1": { outcome: "not asked", why: "nas: perl is gone" } })).join(),
    /perl is gone/,
  );
});

test("a server that nothing gets out of is told as such", () => {
  const fromNas = ["server1", "server2", "server3"].map((name) => [`nas ${name}`, { outcome: "nowhere" }] as const);
  const [only, ...more] = sentences(tried(Object.fromEntries(fromNas)));
  assert.match(only!, /^nas: blocked: nothing that it sends by UDP arrives anywhere/);
  assert.deepEqual(more, []);
});

test("a server's own firewall is named, and openFirewall is believed where it knows it", () => {
  const pairs = tried({ "server3 server2": { outcome: "card" } });
  const pair = pairs.find(({ outcome }) => outcome === "card")!;
  const behind = (firewall: string) => new Map([...surveys, ["server2", survey({ firewall: [firewall] })]]);
  const opening = { ...mesh, openFirewall: true };
  assert.match(
    sentences(pairs, mesh, behind("firewalld")).join(),
    /its own firewalld keeps .*"firewall-cmd --permanent --add-port=51822\/udp"/,
  );
  assert.deepEqual(sentences(pairs, opening, behind("ufw")), []);
  assert.equal(stateOf(pair, opening, behind("ufw")), "opens");
  assert.match(sentences(pairs, opening, behind("iptables")).join(), /its own iptables keeps out/);
  assert.match(sentences(pairs, opening, surveys).join(), /its own firewall rules \(nftables, iptables\) keep out/);
});

test("wireguard-go is told where peers come by both families, and more than one by IPv6", () => {
  const pair = (dialler: string, family: 4 | 6): TriedPair => {
    return { dialler, listener: "server1", host: "dual.example", port: 51821, outcome: "answered", family };
  };
  const program = new Map([["server1", survey({ system: ["systemd", "apt-get", "tun"] })]]);
  const told = (pairs: TriedPair[], surveys = program) => familyFindings(pairs, surveys).map(({ message }) => message);
  const both = [pair("server2", 4), pair("server3", 6), pair("nas", 6)];
  assert.deepEqual(told(both), [
    "its kernel has no WireGuard, and wireguard-go loses packets where peers come by both IPv4 (server2) and IPv6 (server3 and nas)",
  ]);
  assert.deepEqual(told(both, new Map([["server1", survey()]])), [], "the kernel mixes up nothing");
  assert.deepEqual(told(both.slice(0, 2)), [], "a single IPv6 peer cannot be mixed up");
  assert.deepEqual(told(both.slice(1)), [], "one family");
});

test("an MTU is advised where full packets of the mesh would not pass, and only there", () => {
  const remedies = (largest: number, of = mesh, all = surveys) =>
    sizeFindings(tried({ "nas server1": { largest } }), of, all).map(({ remedy }) => remedy);
  assert.deepEqual(remedies(1492), [], "wg-quick's 1420 fit into PPPoE");
  assert.deepEqual(remedies(1480), []);
  assert.deepEqual(remedies(1472), ['set "mtu: 1412"']);
  assert.deepEqual(remedies(1492, { ...mesh, mtu: 1440 }), ['set "mtu: 1432"']);
  assert.deepEqual(remedies(1472, { ...mesh, mtu: 1400 }), []);
  const small = new Map(names.map((name) => [name, survey({ mtu: ["1460"] })]));
  assert.deepEqual(remedies(1460, mesh, small), [], "wg-quick looks at the card");
  assert.match(remedies(1280).join(), /needs packets of 1340 bytes/);
});
