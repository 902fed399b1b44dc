import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import {
  asUsual,
  forwarder,
  itself,
  meshAddresses,
  serve,
  stable,
  stable6,
  untilListening,
  withoutWatch,
} from "./listeners";
import { TestMesh, untilBound } from "./support";

// server2 has a service for each forwarder; the neighbour shares the public network with it, and is no member.
let mesh: TestMesh;

const members = ["server1", "server2", "server3"];
const ports = { echo: 8888, store: 9999 };

beforeAll(async () => {
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
    { name: "server3", packages: true },
    { name: "neighbour", packages: true },
  ]);
  delete mesh.config.servers.neighbour;
  Object.assign(mesh.config.servers.server1!, { endpoint: mesh.lab.server("server1").address6 });
  mesh.config.network = "10.77.0.0/16";
  mesh.config.network6 = "fd12:3456:789a::/48";
  mesh.config.services = {
    echo: { server: "server2", port: ports.echo },
    store: { server: "server2", port: ports.store, forward: "nftables" },
  };
  for (const [name, port] of Object.entries(ports)) {
    const listen = `/usr/bin/socat TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr EXEC:cat`;
    const unit = `[Service]\nExecStart=${listen}\n[Install]\nWantedBy=multi-user.target\n`;
    await mesh.on("server2", `printf '${unit}' > /etc/systemd/system/${name}.service; systemctl enable --now ${name}`);
  }
  await mesh.up();
});
afterAll(() => mesh?.end());

/** Puts back what a test took away of the isolation. */
const restoreGuard = () => mesh.on("server2", "systemctl restart fakevpc-vpc-firewall");
afterEach(() => mesh && restoreGuard());

/** Whether an address and port echoes from a server. */
async function echoes(from: string, address: string, port: number): Promise<boolean> {
  const talk = `echo 123 | timeout 15 socat -t 5 - TCP:${address.includes(":") ? `[${address}]` : address}:${port},connect-timeout=10`;
  return (await mesh.on(from, talk, { allowFailure: true })) === "123";
}

/** The members, with the port, to whom a service does not answer by name. */
async function unanswered(): Promise<string[]> {
  const calls = members.flatMap((from) => Object.values(ports).map((port) => ({ from, port })));
  const answers = await Promise.all(calls.map(({ from, port }) => echoes(from, "server2.vpcdomain", port)));
  return calls.filter((_, at) => !answers[at]).map(({ from, port }) => `${from}:${port}`);
}

/** Waits until the services answer every member: a tunnel that was cut needs some seconds. */
function untilAnswered(): Promise<void> {
  return waitUntil(async () => (await unanswered()).length === 0, 150, "answers of the services");
}

/** Where the services answer the neighbour, who routes the mesh's addresses to the public address of server2. */
async function openToNeighbour(): Promise<string[]> {
  const { address } = mesh.lab.server("server2");
  for (const target of meshAddresses) await mesh.on("neighbour", `ip route replace ${target} via ${address}`);
  const places = [address, ...meshAddresses].flatMap((host) => Object.values(ports).map((port) => ({ host, port })));
  const answers = await Promise.all(places.map(({ host, port }) => echoes("neighbour", host, port)));
  return places.filter((_, at) => answers[at]).map(({ host, port }) => `${host}:${port}`);
}

test("both services answer every member by name, their own server too", async () => {
  await untilAnswered();
  for (const target of meshAddresses) {
    for (const port of Object.values(ports)) assert.ok(await echoes("server2", target, port), `${target}:${port}`);
  }
});

test("a client that has said all is answered by a service that takes its time", async () => {
  const late = `TCP4-LISTEN:${ports.echo},bind=127.0.0.1,fork,reuseaddr SYSTEM:'cat > /dev/null; sleep 3; echo late'`;
  // The forwarder looks once a second, so it may have missed echo or not yet have found it again.
  afterThis(async () => {
    await mesh.on("server2", "systemctl stop late; systemctl start echo", { allowFailure: true });
    await untilListening(mesh, asUsual);
  });
  await mesh.on("server2", `systemctl stop echo; systemd-run --quiet --unit=late socat -t 20 ${late}`);
  const lateInstead = asUsual.map((line) => line.replace(/^echo /, "late "));
  await untilListening(mesh, lateInstead);
  assert.equal(await mesh.on("server1", `echo 123 | timeout 20 nc -N server2.vpcdomain ${ports.echo}`), "late");
});

test("a peer is dialled at its IPv6 endpoint", async () => {
  const { address6 } = mesh.lab.server("server1");
  assert.ok((await mesh.on("server3", "wg show vpcc1 endpoints")).endsWith(`\t[${address6}]:51821`));
});

test("no service answers the operator, outside of the mesh", async () => {
  for (const port of Object.values(ports)) {
    const { address } = mesh.lab.server("server2");
    const connect = ["timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`];
    assert.notEqual((await mesh.lab.run(connect, { allowFailure: true })).code, 0);
  }
});

test("no service answers a neighbour who routes a mesh address to the server, and it is our table that sees to it", async () => {
  await withoutWatch(mesh, "server2");
  assert.deepEqual(await openToNeighbour(), []);
  await mesh.on("server2", "nft flush chain inet fakevpc_vpc isolation_in");
  assert.deepEqual(await openToNeighbour(), ["192.168.2.1:8888", "192.168.1.2:8888"]);
});

test("a peer reaches nothing else of 127.0.0.0/8 through the mesh", async () => {
  await withoutWatch(mesh, "server2", "server3");
  const listen = "TCP4-LISTEN:7777,bind=127.0.0.5,fork,reuseaddr EXEC:cat";
  await mesh.on("server2", `systemd-run --quiet --unit=other socat ${listen}; ${untilBound("127.0.0.5:7777")}`);
  const peer = "wg set vpcc2 peer $(wg show vpcc2 peers) allowed-ips 192.168.2.1/32,127.0.0.5/32";
  const route = "ip route delete local 127.0.0.0/8 table local; ip route add 127.0.0.5 dev vpcc2 src 192.168.2.3";
  await mesh.on("server3", `${peer}; ${route}`);
  try {
    assert.equal(await echoes("server3", "127.0.0.5", 7777), false);
    await mesh.on("server2", "nft flush chain inet fakevpc_vpc isolation_in");
    assert.equal(await echoes("server3", "127.0.0.5", 7777), true);
  } finally {
    await mesh.on("server3", "ip route add local 127.0.0.0/8 dev lo table local; systemctl restart wg-quick@vpcc2");
    await mesh.on("server2", "systemctl stop other");
  }
});

test("while a tunnel is down, nothing for a mesh address leaves in clear", async () => {
  await withoutWatch(mesh, "server2");
  // Counts what gets past the isolation to the public network.
  const rule = "oifname eth0 ip daddr 192.168.1.1 counter";
  const table = `table inet probe { chain out { type filter hook postrouting priority 300; ${rule}; }; }`;
  const leaked = async () => {
    await mesh.on("server2", "ping -c 2 -i 0.2 -W 1 server1.vpcdomain", { allowFailure: true });
    return Number(/packets (\d+)/.exec(await mesh.on("server2", "nft list table inet probe"))![1]);
  };
  await mesh.on("server2", `systemctl stop wg-quick@vpcc1; nft '${table}'`);
  try {
    assert.equal(await leaked(), 0);
    await mesh.on("server2", "nft flush chain inet fakevpc_vpc isolation_out");
    assert.notEqual(await leaked(), 0);
  } finally {
    await mesh.on("server2", "nft delete table inet probe; systemctl start wg-quick@vpcc1");
  }
});

test("a forwarder starts while its interface is down, and serves once it is up", async () => {
  await mesh.on("server2", `systemctl stop wg-quick@vpcc1 ${forwarder}; systemctl start ${forwarder}`);
  assert.equal(await mesh.on("server2", `systemctl is-active ${forwarder}`), "active");
  await mesh.on("server2", "systemctl start wg-quick@vpcc1");
  await untilAnswered();
});

const disturbances = {
  "restarts of its interfaces": "systemctl restart wg-quick@vpcs wg-quick@vpcc1",
  "a restart of nftables.service": "systemctl restart nftables",
  "a reload of nftables.service": "systemctl reload-or-restart nftables",
  "a stop of nftables.service": "systemctl stop nftables",
  "a start of nftables.service": "systemctl start nftables",
};
for (const [what, command] of Object.entries(disturbances)) {
  test(`services survive ${what}, and stay closed to the neighbour`, async () => {
    await mesh.on("server2", command);
    assert.deepEqual(await openToNeighbour(), []);
    await untilAnswered();
  });
}

test("services survive a reboot, and stay closed to the neighbour", async () => {
  await mesh.lab.server("server2").reboot();
  assert.deepEqual(await openToNeighbour(), []);
  await untilAnswered();
});

const host = "/var/lib/fakevpc/vpc/host.sh";
const inspect = `sh ${host} inspect vpc server2 || true`;
const apply = `sh ${host} apply vpc server2 < /var/lib/fakevpc/vpc/plan 2>&1 || true`;

test("a forwarder listens while the service does, at the address of network6, too", async () => {
  await untilListening(mesh, asUsual);
  assert.equal(await echoes("server3", stable6, ports.echo), true);
  await mesh.on("server2", "systemctl stop echo");
  await untilListening(mesh, []);
  const said = await mesh.on("server2", inspect);
  assert.match(said, /warn: nobody listens on 127\.0\.0\.1:8888, for the service echo/);
  await mesh.on("server2", "systemctl start echo");
  await untilListening(mesh, asUsual);
});

for (const [where, { binds, listening, told, answers }] of Object.entries(itself)) {
  test(`a service that listens ${where} has no forwarder there, and gets its port at each restart`, async () => {
    afterThis(() => mesh.on("server2", "systemctl stop own; systemctl start echo", { allowFailure: true }));
    await mesh.on("server2", "systemctl stop echo");
    await untilListening(mesh, []);
    for (let start = 0; start < 6; start++) {
      await serve(mesh, ports.echo, binds);
      await untilListening(mesh, listening);
      await mesh.on("server2", "systemctl stop own");
    }
    await serve(mesh, ports.echo, binds);
    await untilListening(mesh, listening);
    for (const address of answers) assert.ok(await echoes("server3", address, ports.echo), address);
    for (const said of [await mesh.on("server2", inspect), await mesh.on("server2", apply)]) {
      assert.ok(said.includes(`${told}, so no forwarder of echo is needed there`), said);
      assert.doesNotMatch(said, /^(change|refuse|fakevpc): /m);
    }
    await mesh.on("server2", "systemctl stop own; systemctl start echo");
    await untilListening(mesh, asUsual);
    assert.doesNotMatch(await mesh.on("server2", inspect), /^(change|refuse|warn): /m);
  });
}

test("what listens on an address itself is left it by the kernel's forwarder too", async () => {
  await withoutWatch(mesh, "server2");
  await mesh.on("server2", "systemctl stop store");
  afterThis(() => mesh.on("server2", "systemctl start store"));
  await serve(mesh, ports.store, [stable]);
  afterThis(() => mesh.on("server2", "systemctl stop own", { allowFailure: true }));
  await mesh.on("server2", untilBound(`${stable}:${ports.store}`));
  await mesh.on("server2", "systemctl start fakevpc-vpc-watch.service");
  assert.equal(await echoes("server3", stable, ports.store), true);
  assert.equal(await echoes("server3", "192.168.2.1", ports.store), false);
  assert.doesNotMatch(await mesh.on("server2", inspect), /nft|store/);
  await mesh.on("server2", "systemctl stop own; systemctl start store fakevpc-vpc-watch.service");
  for (const address of [stable, "192.168.2.1"]) assert.equal(await echoes("server3", address, ports.store), true);
});

/** What keeps a forwarder from running, by a line of its unit, and what the up and the dry run say. */
const broken: Record<string, { line: string; words: RegExp; remedy: RegExp }> = {
  "cannot be confined": {
    line: "BindReadOnlyPaths=/nowhere",
    words: /Failed at step NAMESPACE spawning \/bin\/sh/,
    remedy: /let this machine confine services \(a container needs nesting\), or set forward: nftables/,
  },
  "crashes whenever it starts": {
    line: "Environment=PATH=/nowhere",
    words: /(sed|tr|ss): not found/,
    remedy: new RegExp(`read 'journalctl -u ${forwarder}' on the server, mend the cause`),
  },
};

for (const [what, { line, words, remedy }] of Object.entries(broken)) {
  test(`a forwarder that ${what} makes the step fail with the journal's words, service or not`, async () => {
    const place = `/run/systemd/system/${forwarder}.d`;
    afterThis(() => mesh.on("server2", `rm -r ${place}; systemctl daemon-reload; systemctl restart ${forwarder} echo`));
    await mesh.on(
      "server2",
      `mkdir -p ${place}; printf '[Service]\\n${line}\\n' > ${place}/broken.conf; systemctl daemon-reload`,
    );
    for (const service of ["stop", "start"]) {
      await mesh.on("server2", `systemctl ${service} echo; systemctl restart ${forwarder} 2> /dev/null || true`);
      const failed = await mesh.on("server2", apply);
      assert.match(failed, new RegExp(`fakevpc: server2 mesh: .*${words.source}.*${remedy.source},? and run again`));
      const said = await mesh.on("server2", inspect);
      assert.match(said, new RegExp(`warn: the forwarder of echo .*${words.source}.* → ${remedy.source}`));
    }
  });
}

test("the units of an earlier form, one for each address, are taken off", async () => {
  const earlier = "fakevpc-vpc-echo-8888@";
  const file = `/etc/systemd/system/${earlier}.service`;
  const unit =
    "[Service]\\nExecStart=/usr/bin/socat TCP4-LISTEN:8888,bind=%%i,freebind,fork,reuseaddr TCP4:127.0.0.1:8888\\n";
  const instances = meshAddresses.map((address) => `${earlier}${address}`).join(" ");
  await mesh.on("server2", `systemctl disable --quiet --now ${forwarder}; rm /etc/systemd/system/${forwarder}`);
  await mesh.on(
    "server2",
    `printf '${unit}[Install]\\nWantedBy=multi-user.target\\n' > ${file}; systemctl enable --quiet --now ${instances}`,
  );
  const record = meshAddresses.map((address) => `echo 8888 ${address}\\n`).join("");
  await mesh.on("server2", `printf '${record}' > /var/lib/fakevpc/vpc/services`);
  assert.match(await mesh.on("server2", inspect), /change: removed the forwarder of echo at 192\.168\.2\.1:8888/);
  assert.doesNotMatch(await mesh.on("server2", apply), /^fakevpc: /m);
  await untilListening(mesh, asUsual);
  const left = `ls /etc/systemd/system /etc/systemd/system/*.wants | grep ${earlier}; systemctl list-units --all --plain --no-legend '${earlier}*'`;
  assert.equal(await mesh.on("server2", left), "");
  assert.doesNotMatch(await mesh.on("server2", inspect), /^(change|refuse|warn): /m);
});

test("a service changes its forwarder", async () => {
  mesh.config.services = {
    echo: { server: "server2", port: ports.echo, forward: "nftables" },
    store: { server: "server2", port: ports.store },
  };
  await mesh.up();
  assert.deepEqual(await unanswered(), []);
  assert.deepEqual(await openToNeighbour(), []);
  assert.equal(
    await mesh.on("server2", "systemctl list-units --plain --no-legend 'fakevpc-vpc-service-echo-*' | wc -l"),
    "0",
  );
});

test("a service that is no longer in the config is closed to its members", async () => {
  mesh.config.services = { store: { server: "server2", port: ports.store } };
  await mesh.up();
  // To server2 its own name is 127.0.0.1, where the service itself listens.
  assert.deepEqual(await unanswered(), ["server1:8888", "server3:8888"]);
});
