import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, seenAs, trafficDuring } from "./traffic";

// One address per server on top of the seed's: it comes, changes, goes, and outlives whatever happens to tunnels.
let mesh: TestMesh;
const names = ["server1", "server2", "server9"];
const network6 = "fd12:3456:789a::/48";
const stable = (name: string, network = "10.77.0.") => `${network}${name.slice(-1)}`;
const stable6 = (name: string) => `fd12:3456:789a::${name.slice(-1)}`;

beforeAll(async () => {
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
    { name: "server9", packages: true, nat: true },
    { name: "outsider", packages: true },
  ]);
  delete mesh.config.servers.outsider;
  await mesh.up();
  await mesh.untilAllAnswer();
});
afterAll(() => mesh?.end());

/** Changes the config under traffic between the servers, which must not notice, nor their interfaces but those that go. */
async function unnoticed(change: Record<string, unknown>, going: string[] = []): Promise<void> {
  const interfaces = await interfacesOf(mesh, names);
  const traffic = await trafficDuring(mesh, names, async () => {
    Object.assign(mesh.config, change);
    await mesh.up();
  });
  assert.deepEqual(disturbed(traffic), []);
  assert.deepEqual(await restartedSince(mesh, interfaces), going);
}

/** The pairs whose stable addresses, given by a function, do not answer each other. */
async function silent(address: (name: string) => string, members = names): Promise<string[]> {
  const pairs = members.flatMap((from) => members.map((to) => [from, to] as const));
  const answers = await Promise.all(pairs.map(([from, to]) => mesh.pings(from, address(to))));
  return pairs.filter((_, at) => !answers[at]).map((pair) => pair.join(" "));
}

// The LAN of server9's home, and its router.
const lan = "192.168.103.0/24";
const neighbour = "192.168.103.1";
const addresses = "ip -brief address show dev lo; ip -4 route show table all; ip -6 route show table all";

test("turning it on restarts nothing and loses nothing", async () => {
  await unnoticed({ network: "10.77.0.0/16", network6 });
  assert.deepEqual(await silent(stable), []);
  assert.deepEqual(await silent(stable6), []);
});

test("the outputs tell each server's addresses", async () => {
  const servers = (await mesh.stack.outputs()).servers as Record<string, { address: string; address6: string }>;
  for (const name of names) {
    assert.deepEqual([servers[name]!.address, servers[name]!.address6], [stable(name), stable6(name)]);
  }
});

test("connections between servers have stable addresses at both ends", async () => {
  assert.equal(await seenAs(mesh, "server1", "server2", stable), stable("server1"));
  assert.equal(await seenAs(mesh, "server9", "server1", stable), stable("server9"));
  assert.match(await seenAs(mesh, "server2", "server9", stable6), /0*2\]?$/);
});

test("a second up changes nothing", async () => {
  await mesh.up({ args: ["--expect-no-changes"], withPreview: true });
});

test("names stay the seed's by default; with names: stable every server has one view, itself included", async () => {
  assert.match(await mesh.on("server9", "getent ahostsv4 server1.vpcdomain"), /^192\.168\.1\.1 /);
  await unnoticed({ names: "stable" });
  for (const name of names) {
    for (const peer of names) {
      await waitUntil(
        async () => (await mesh.on(name, `getent ahostsv4 ${peer}.vpcdomain`)).startsWith(`${stable(peer)} `),
        90,
        `the name of ${peer} on ${name}`,
      );
      assert.match(await mesh.on(name, `getent ahostsv6 ${peer}.v6.vpcdomain`), new RegExp(`^${stable6(peer)} `));
    }
  }
});

test("a service is forwarded at the stable address, to its own server too", async () => {
  await mesh.on(
    "server2",
    "systemd-run --quiet --collect --unit=echo8 socat TCP4-LISTEN:8888,bind=127.0.0.1,fork,reuseaddr PIPE",
  );
  afterThis(() => mesh.on("server2", "systemctl stop echo8"));
  await unnoticed({ services: { echo: { server: "server2", port: 8888 } } });
  for (const name of names) {
    await waitUntil(
      async () =>
        (await mesh.on(name, `echo 123 | nc -w 5 -N ${stable("server2")} 8888`, { allowFailure: true })) === "123",
      30,
      `the echo for ${name}`,
    );
  }
});

test("a neighbour on the public network reaches no stable address", async () => {
  const { address, address6 } = mesh.lab.server("server1");
  await mesh.on(
    "outsider",
    `ip route add 10.77.0.1 via ${address}; ip -6 route add ${stable6("server1")} via ${address6}`,
  );
  afterThis(() => mesh.on("outsider", `ip route delete 10.77.0.1; ip -6 route delete ${stable6("server1")}`));
  assert.equal(await mesh.pings("outsider", address), true);
  assert.equal(await mesh.pings("outsider", "10.77.0.1", 3), false);
  assert.equal(await mesh.pings("outsider", stable6("server1"), 3), false);
});

test("while a tunnel is down, connecting fails at once and nothing leaves in clear", async () => {
  const card = await mesh.on("server2", "ip -4 route show default | awk '{ print $5 }'");
  await mesh.on("server2", "systemctl stop wg-quick@vpcc1");
  afterThis(() => mesh.on("server2", "systemctl start wg-quick@vpcc1"));
  await mesh.on(
    "server2",
    `nft add table inet watch_test; nft 'add chain inet watch_test out { type filter hook postrouting priority 300; }'; nft 'add rule inet watch_test out oifname ${card} ip daddr 10.77.0.0/24 counter'; nft 'add rule inet watch_test out oifname ${card} ip6 daddr ${network6} counter'`,
  );
  afterThis(() => mesh.on("server2", "nft delete table inet watch_test"));
  for (const address of ["10.77.0.1", stable6("server1")]) {
    const started = Date.now();
    const words = await mesh.on("server2", `nc -v -w 20 ${address} 22 2>&1 < /dev/null`, { allowFailure: true });
    assert.match(words, /unreachable|No route/i, words);
    assert.ok(Date.now() - started < 15_000);
  }
  assert.doesNotMatch(await mesh.on("server2", "nft list table inet watch_test"), /packets [1-9]/);
});

test("the address is there before any service, tunnels or no tunnels", async () => {
  const unit = `[Unit]\nAfter=network-pre.target\nWants=network-pre.target\n[Service]\nExecStart=/usr/bin/socat TCP4-LISTEN:5555,bind=${stable("server1")},fork PIPE\n[Install]\nWantedBy=multi-user.target\n`;
  await mesh.on(
    "server1",
    `printf '${unit}' > /etc/systemd/system/bound.service; systemctl enable --quiet bound; systemctl disable --quiet wg-quick@vpcs`,
  );
  afterThis(() =>
    mesh.on(
      "server1",
      "systemctl disable --now --quiet bound; rm /etc/systemd/system/bound.service; systemctl enable --quiet wg-quick@vpcs; systemctl start wg-quick@vpcs",
    ),
  );
  await mesh.lab.server("server1").reboot();
  await waitUntil(async () => (await mesh.on("server1", "ss -Hltn 'sport = 5555'")) !== "", 60, "the bound service");
  assert.equal(await mesh.on("server1", "systemctl show --value --property=NRestarts bound"), "0");
});

test("it comes back after a reboot of one and of all, and by the timer, whoever took it", async () => {
  await mesh.untilAllAnswer();
  await mesh.lab.server("server2").reboot({ hard: true });
  await waitUntil(async () => (await silent(stable)).length === 0, 120, "answers after the reboot of one");
  await Promise.all(names.map((name) => mesh.lab.server(name).reboot()));
  await waitUntil(async () => (await silent(stable)).length === 0, 120, "answers after the reboot of all");
  await mesh.on(
    "server1",
    `ip address delete ${stable("server1")}/32 dev lo; ip route flush 10.77.0.9/32; ip route flush type unreachable`,
  );
  await waitUntil(async () => (await silent(stable)).length === 0, 90, "what the timer puts back");
  await waitUntil(
    async () => (await mesh.on("server1", "ip route show type unreachable")).includes("10.77.0.0/24"),
    90,
    "the unreachable route",
  );
});

test("a server whose records were all deleted knows its own address again in the next up", async () => {
  await mesh.on("server2", "rm -r /var/lib/fakevpc");
  mesh.config.servers.server2!.reapply = "records";
  await mesh.up();
  await waitUntil(async () => (await silent(stable)).length === 0, 120, "answers after the loss of the records");
});

test("networkd takes nothing of it for good, not even with a file that matches all", async () => {
  const both = ["server1", "server2"]; // systemd 252 and 257
  const onBoth = (command: string) => Promise.all(both.map((name) => mesh.on(name, command)));
  await onBoth(
    "printf '[Match]\\nName=*\\n[Network]\\nLinkLocalAddressing=no\\n' > /etc/systemd/network/99-all.network; systemctl start systemd-networkd; networkctl reload; systemctl restart systemd-networkd",
  );
  afterThis(() =>
    onBoth("rm /etc/systemd/network/99-all.network; systemctl stop systemd-networkd.socket systemd-networkd"),
  );
  await waitUntil(async () => (await silent(stable)).length === 0, 120, "answers after networkd's reload and restart");
  assert.deepEqual(await mesh.silentPairs(), []);
});

test("others reach a network behind a server through it, and nothing else", async () => {
  assert.equal(await mesh.pings("server1", neighbour, 3), false);
  await unnoticed({ servers: { ...mesh.config.servers, server9: { ...mesh.config.servers.server9!, routes: [lan] } } });
  assert.equal(await mesh.pings("server1", neighbour), true);
  assert.equal(await mesh.pings("server2", neighbour), true);
  // The operator has a leg in that LAN and is no member: it reaches neither the mesh nor the world by this server, not even without the table.
  const target = mesh.lab.server("server1").address;
  const viaServer3 = async (address: string) => {
    const route = `${address}/32 via 192.168.103.10`;
    const tried = `ip route add ${route} && ping -n -c 2 -W 1 ${address} > /dev/null; code=$?; ip route delete ${route}; exit $code`;
    return (await mesh.lab.run(["sh", "-c", tried], { allowFailure: true })).code === 0;
  };
  assert.equal(await viaServer3("192.168.1.1"), false);
  assert.equal(await viaServer3(stable("server1")), false);
  assert.equal(await viaServer3(target), false);
  await mesh.on("server9", "nft flush ruleset");
  assert.equal(await viaServer3(target), false);
  await waitUntil(() => mesh.pings("server1", neighbour), 90, "the timer's table");
  await mesh.lab.server("server9").reboot();
  await waitUntil(() => mesh.pings("server1", neighbour), 120, "the network after a reboot");
  // Seen under their own addresses, the others get answers only where the LAN has a way back to them.
  await unnoticed({
    servers: { ...mesh.config.servers, server9: { ...mesh.config.servers.server9!, masquerade: false } },
  });
  assert.equal(await mesh.pings("server1", neighbour, 2), false);
  const wayBack = (verb: string) =>
    mesh.lab.inside(["ip", "-n", "r3", "route", verb, "10.77.0.0/24", "via", "192.168.103.10"]);
  await wayBack("add");
  afterThis(() => wayBack("delete"));
  assert.equal(await mesh.pings("server1", neighbour), true);
  await unnoticed({
    servers: {
      ...mesh.config.servers,
      server9: { ...mesh.config.servers.server9!, routes: undefined, masquerade: undefined },
    },
  });
  assert.equal(await mesh.pings("server1", neighbour, 3), false);
  const left = await mesh.on(
    "server9",
    "ip rule; cat /proc/sys/net/ipv4/conf/*/forwarding | sort -u; nft list table inet fakevpc_vpc",
  );
  assert.doesNotMatch(left, /prohibit|519[01]:|^1$|masquerade/m);
});

test("where another firewall drops what is forwarded, the step names the rule, or openFirewall adds it", async () => {
  const { server9, ...rest } = mesh.config.servers;
  const withRoutes = (routes?: string[]) => ({ ...rest, server9: { ...server9!, routes } });
  await mesh.on("server9", "iptables -P FORWARD DROP");
  afterThis(() => mesh.on("server9", "iptables -P FORWARD ACCEPT"));
  mesh.config.servers = withRoutes([lan]);
  const { code, stdout } = await mesh.up({ allowFailure: true });
  assert.notEqual(code, 0);
  assert.match(stdout, /server9 .*add 'iptables -I FORWARD -i vpc\+ -d 192\.168\.103\.0\/24 -j ACCEPT'/);
  assert.equal(await mesh.pings("server1", neighbour, 3), false);
  await unnoticed({ openFirewall: true });
  assert.equal(await mesh.pings("server1", neighbour), true);
  await unnoticed({ openFirewall: undefined, servers: withRoutes() });
  assert.equal(await mesh.on("server9", "iptables -S FORWARD"), "-P FORWARD DROP");
});

test("a server joins, gets another name and new keys, is retired and leaves: the others' addresses lose nothing", async () => {
  const { address, hostKey } = mesh.lab.server("outsider");
  const own = { address, hostKey, index: 4 };
  const { servers } = mesh.config;
  const answers = async () => {
    for (const name of names) assert.ok(await mesh.pings(name, "10.77.0.4"), name);
    for (const name of names) assert.ok(await mesh.pings("outsider", stable(name)), name);
  };
  await unnoticed({ servers: { ...servers, guest: own } });
  await answers();
  await unnoticed({ servers: { ...servers, visitor: own } });
  await answers();
  await unnoticed({ servers: { ...servers, visitor: { ...own, keyVersion: "2" } } });
  await answers();
  await unnoticed({ presharedKeyVersion: "2" });
  assert.deepEqual(await silent(stable), []);
  await answers();
  await unnoticed({ servers: { ...servers, visitor: { ...own, retired: true } } }, ["server9 vpcc4"]);
  assert.equal(await mesh.pings("server1", "10.77.0.4", 2), false);
  await unnoticed({ servers });
});

test("another network: nothing restarts, the old one is gone", async () => {
  await unnoticed({ names: "seed" });
  await unnoticed({ network: "172.20.8.0/22" });
  assert.deepEqual(await silent((name) => stable(name, "172.20.8.")), []);
  for (const name of names) assert.doesNotMatch(await mesh.on(name, addresses), /10\.77\./);
});

test("turning it off restarts nothing, and nothing of it is left", async () => {
  await unnoticed({ network: undefined, network6: undefined, services: undefined });
  for (const name of names) {
    assert.doesNotMatch(await mesh.on(name, addresses), /172\.20\.|fd12:|unreachable 1/);
    assert.doesNotMatch(await mesh.on(name, "wg show all allowed-ips; cat /etc/wireguard/*.conf"), /172\.20\.|fd12:/);
  }
  assert.deepEqual(await mesh.silentPairs(), []);
});

test("IPv6 switched off on a server is found before anything is touched", async () => {
  await mesh.on("server2", "sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
  afterThis(() => mesh.on("server2", "sysctl -qw net.ipv6.conf.all.disable_ipv6=0"));
  mesh.config.network6 = "auto";
  const { code, stdout } = await mesh.up({ allowFailure: true });
  assert.notEqual(code, 0);
  assert.match(stdout, /server2 .*IPv6/);
  assert.deepEqual(await mesh.silentPairs(), []);
  delete mesh.config.network6;
  await mesh.up();
});
