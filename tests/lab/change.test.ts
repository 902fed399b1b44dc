import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { type ServerFields, TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// Servers come, go and change, one after the other, and whoever has nothing to do with it loses no packet.
let mesh: TestMesh;
const members = () => Object.keys(mesh.config.servers);
const others = (...names: string[]) => members().filter((name) => !names.includes(name));
const entries: Record<string, ServerFields> = {};

beforeAll(async () => {
  const names = ["server1", "server2", "server3", "server4", "server6", "server9"];
  mesh = await TestMesh.start(names.map((name) => ({ name, suite: "trixie", packages: true })));
  Object.assign(entries, mesh.config.servers);
  delete mesh.config.servers.server3;
  delete mesh.config.servers.server9;
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
afterAll(() => mesh?.end());

/** Applies a change while these servers talk to each other, and checks that none of them noticed. */
async function unnoticedBy(names: string[], change: () => void): Promise<void> {
  const traffic = await trafficDuring(mesh, names, () => {
    change();
    return mesh.up();
  });
  assert.deepEqual(disturbed(traffic), []);
}

async function publicKey(name: string): Promise<string> {
  return mesh.on(name, "wg show vpcs public-key");
}

test("a server joins in a gap of the indexes: no interface restarts", async () => {
  const old = members();
  const interfaces = await interfacesOf(mesh, old);
  await unnoticedBy(old, () => {
    mesh.config.servers.server3 = entries.server3!;
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  const now = await interfacesOf(mesh, old);
  const gained = old.map((name) => Object.keys(now[name]!).filter((each) => !(each in interfaces[name]!)));
  assert.deepEqual(gained, [[], [], ["vpcc3"], ["vpcc3"]]);
  assert.deepEqual(await mesh.silentPairs(), []);
});

test("a server joins at the end: nobody gets an interface, each gets a peer", async () => {
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(members(), () => {
    mesh.config.servers.server9 = entries.server9!;
  });
  assert.deepEqual(await interfacesOf(mesh, Object.keys(interfaces)), interfaces);
  assert.deepEqual(await mesh.silentPairs(), []);
});

for (const [place, leaver] of Object.entries({ first: "server1", middle: "server4" })) {
  test(`the ${place} server leaves: it is left clean, forgotten by its peers, and nobody is renumbered`, async () => {
    const key = await publicKey(leaver);
    const stay = others(leaver);
    const interfaces = await interfacesOf(mesh, stay);
    await unnoticedBy(stay, () => {
      delete mesh.config.servers[leaver];
    });
    const gone = `vpcc${leaver.slice(-1)}`;
    const restarted = await restartedSince(mesh, interfaces);
    assert.deepEqual(
      restarted.filter((each) => !each.endsWith(` ${gone}`)),
      [],
    );
    assert.equal(restarted.length, stay.filter((name) => name > leaver).length);
    for (const name of stay) {
      const knows = `grep -rlF -e ${leaver} -e '${key}' /etc/wireguard /etc/hosts /var/lib/fakevpc; wg show all dump | grep -F '${key}'`;
      assert.equal(await mesh.on(name, knows, { allowFailure: true }), "", name);
    }
    const left = "ls -d /sys/class/net/vpc* /var/lib/fakevpc /etc/wireguard/* 2> /dev/null; grep fakevpc /etc/hosts";
    assert.equal(await mesh.on(leaver, left, { allowFailure: true }), "");
    assert.deepEqual(await mesh.silentPairs(), []);
  });
}

test("another user, SSH port and SSH key: every step runs again and nothing blinks", async () => {
  const key = `${mesh.lab.keyFile}.second`;
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "second", "-f", key]);
  const { stdout: line } = await run(["cat", `${key}.pub`]);
  const letIn = `echo '${line.trim()}' | tee -a /root/.ssh/authorized_keys >> /home/ops/.ssh/authorized_keys`;
  await Promise.all(members().map((name) => mesh.on(name, letIn)));
  await mesh.on("server2", "printf 'Port 22\\nPort 2222\\n' > /etc/ssh/sshd_config.d/port.conf; systemctl reload ssh");
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(members(), () => {
    Object.assign(mesh.config.ssh as object, { privateKeyFile: key });
    mesh.config.servers.server2!.sshPort = 2222;
    mesh.config.servers.server6!.user = "ops";
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  const log = await mesh.on(
    "server6",
    "journalctl --quiet --unit=ssh --output=cat --grep='Accepted publickey for ops'",
  );
  assert.notEqual(log, "");
});

test("another domain: nothing blinks, and the old names are gone", async () => {
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(members(), () => {
    mesh.config.domain = "example.internal";
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  assert.deepEqual(await mesh.silentPairs(members(), "example.internal"), []);
  assert.equal(await mesh.on("server2", "grep vpcdomain /etc/hosts", { allowFailure: true }), "");
});

/** What the servers of a higher index dial to reach this one. */
async function dialled(name: string, ...by: string[]): Promise<string[]> {
  const endpoint = `wg show vpcc${name.slice(-1)} endpoints | cut -f 2`;
  return Promise.all(by.map((each) => mesh.on(each, endpoint)));
}

test("another address of one server: only its own links are told", async () => {
  const address = mesh.lab.server("server2").address.replace(/\d+$/, "77");
  await mesh.on("server2", `ip address add ${address}/24 dev eth0`);
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(others("server2"), () => {
    mesh.config.servers.server2!.address = address;
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  const endpoint = `${address}:51822`;
  assert.deepEqual(await dialled("server2", "server3", "server6"), [endpoint, endpoint]);
  assert.deepEqual(await mesh.silentPairs(members(), "example.internal"), []);
});

test("another endpoint of one server: only its own links are told", async () => {
  const { address6 } = mesh.lab.server("server3");
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(others("server3"), () => {
    mesh.config.servers.server3!.endpoint = address6!;
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  assert.deepEqual(await dialled("server3", "server6"), [`[${address6}]:51823`]);
  // It has heard them there, or its next packet would take them back to where they were.
  assert.match(await mesh.on("server3", "wg show vpcs endpoints"), /^\S+\t\[\S+\n\S+\t\[\S+$/);
  assert.deepEqual(await mesh.silentPairs(members(), "example.internal"), []);
  // A wireguard-go that has sent to IPv4 sends some packets astray after the move to IPv6, which the next test would count.
  const ends = { server3: "vpcs", server6: "vpcc3", server9: "vpcc3" };
  await Promise.all(Object.entries(ends).map(([name, end]) => mesh.on(name, `systemctl restart wg-quick@${end}`)));
  await mesh.untilAllAnswer("example.internal");
});

test("another WireGuard port of one server: only its own links move, and nothing restarts", async () => {
  const interfaces = await interfacesOf(mesh, members());
  await unnoticedBy(others("server2"), () => {
    mesh.config.servers.server2!.wgPort = 4500;
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  assert.equal(await mesh.on("server2", "wg show vpcs listen-port"), "4500");
  assert.deepEqual(await mesh.silentPairs(members(), "example.internal"), []);
});

test("a server is renamed on the same machine: the old name's end takes nothing from the new one", async () => {
  const interfaces = await interfacesOf(mesh, members());
  const { server3, ...rest } = mesh.config.servers;
  const stay = Object.keys(rest);
  await unnoticedBy(stay, () => {
    mesh.config.servers = { ...rest, third: { ...server3, index: 3 } };
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  for (const name of stay) {
    assert.ok(await mesh.pings(name, "third.example.internal"), name);
    assert.ok(await mesh.pings("server3", `${name}.example.internal`), name);
  }
});

test("another index of one server: only its own links move", async () => {
  const interfaces = await interfacesOf(mesh, ["server2", "server3", "server6"]);
  await unnoticedBy(["server2", "server6"], () => {
    mesh.config.servers.server9!.index = 1;
  });
  assert.deepEqual(await restartedSince(mesh, interfaces), []);
  assert.equal(await mesh.on("server9", "ip -4 -o address show dev vpcs | awk '{ print $4 }'"), "192.168.1.1/24");
  assert.equal(await mesh.on("server9", "ls /sys/class/net | grep -c vpc"), "1");
  for (const name of ["server2", "server3", "server6"]) assert.ok(await mesh.pings(name, "server9"), name);
});

test("another ifaceIpOffset: everything moves, in one go", async () => {
  mesh.config.ifaceIpOffset = 2;
  await mesh.up();
  for (const name of ["server2", "server3", "server6"]) {
    // Who dials a server that is not up again yet tries once more after five seconds, whatever anybody does.
    await waitUntil(() => mesh.pings(name, "server9"), 240, `server9 to answer ${name}`);
    assert.ok(await mesh.pings("server9", name === "server3" ? "third" : name), name);
    assert.match(await mesh.on(name, "getent hosts server9"), /^192\.168\.2\.1 /);
  }
});

test("the last server leaves", async () => {
  await unnoticedBy(["server2", "server9"], () => {
    delete mesh.config.servers.server6;
  });
  assert.equal(await mesh.on("server6", "ls -d /sys/class/net/vpc* /var/lib/fakevpc", { allowFailure: true }), "");
  assert.equal(await mesh.on("server2", "wg show vpcs peers | wc -l"), "1");
});
