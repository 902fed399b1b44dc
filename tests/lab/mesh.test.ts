import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { hostKey } from "../sshKeys";
import { TestMesh } from "./support";

// Gaps between the indexes, a name that begins with another's, two Debian releases, root and sudo, NAT.
let mesh: TestMesh;

const foreignHosts = "10.9.9.9 server1.example server10 # not ours\n\n192.168.5.1 other";
const foreignFiles = ["/etc/cron.d/foreign", "/etc/systemd/system/foreign.service", "/etc/wireguard/foreign.conf"];

beforeAll(async () => {
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
    { name: "server7", packages: true },
    { name: "server10", packages: true, suite: "trixie" },
    { name: "home", packages: true, nat: true },
  ]);
  const { servers } = mesh.config;
  mesh.config.ifaceIpOffset = 5;
  Object.assign(servers.server2!, { user: "ops" });
  Object.assign(servers.server7!, { user: "ops", wgPort: 4007 });
  Object.assign(servers.home!, { index: 200 });
  await mesh.onAll(`printf '%s\n' '${foreignHosts}' >> /etc/hosts; cp /etc/hosts /root/hosts.before`);
  await mesh.onAll(
    "printf '* * * * * root true\n' > /etc/cron.d/foreign; printf '[Interface]\n' > /etc/wireguard/foreign.conf",
  );
  await mesh.onAll("printf '[Service]\nExecStart=/bin/sleep infinity\n' > /etc/systemd/system/foreign.service");
  await mesh.onAll(
    `systemctl daemon-reload; systemctl start foreign; md5sum ${foreignFiles.join(" ")} > /root/foreign`,
  );
  await mesh.up();
});
afterAll(() => mesh?.end());

/** The address of each server, from top to bottom, as each of them, from left to right, sees it. */
const seen = {
  server1: ["127.0.0.1", "192.168.5.1", "192.168.5.1", "192.168.5.1", "192.168.5.1"],
  server2: ["192.168.5.2", "127.0.0.1", "192.168.6.1", "192.168.6.1", "192.168.6.1"],
  server7: ["192.168.5.7", "192.168.6.7", "127.0.0.1", "192.168.11.1", "192.168.11.1"],
  server10: ["192.168.5.10", "192.168.6.10", "192.168.11.10", "127.0.0.1", "192.168.14.1"],
  home: ["192.168.5.200", "192.168.6.200", "192.168.11.200", "192.168.14.200", "127.0.0.1"],
};
const names = Object.keys(seen) as (keyof typeof seen)[];

/** A server's block in /etc/hosts. */
function block(viewer: keyof typeof seen, servers = names): string {
  const lines = servers.map((name) => {
    const address = seen[name][names.indexOf(viewer)];
    return name === viewer ? `${address} ${name}.vpcdomain` : `${address} ${name}.vpcdomain ${name}`;
  });
  return ["# fakevpc vpc: begin", ...lines, "# fakevpc vpc: end"].join("\n");
}

/** The whole file with the block in it: before the line that has a peer's name, which on server10 is its own. */
function hosts(viewer: keyof typeof seen, before: string, servers = names): string {
  if (viewer === "server10") return `${before}\n${block(viewer, servers)}`;
  return before.replace(/^10\.9\.9\.9 .*server10/m, (line) => `${block(viewer, servers)}\n${line}`);
}

test("every server has the addresses that the others see", async () => {
  for (const name of names) {
    const own = await mesh.on(name, 'ip -4 -o address show | awk \'$2 ~ /^vpc/ { sub("/.*", "", $4); print $4 }\'');
    const wanted = seen[name].filter((address) => address !== "127.0.0.1");
    assert.deepEqual(new Set(own.split("\n")), new Set(name === "home" ? [...wanted, "192.168.204.1"] : wanted), name);
  }
});

test("/etc/hosts has the mesh as its server sees it, and everybody else's lines as they were", async () => {
  for (const name of names) {
    const before = await mesh.on(name, "cat /root/hosts.before");
    assert.equal(await mesh.on(name, "cat /etc/hosts"), hosts(name, before));
    assert.equal(await mesh.on(name, "stat -c '%a %U' /etc/hosts"), "644 root");
  }
});

test("every pair talks by name, both ways", async () => {
  assert.deepEqual(await mesh.silentPairs(), []);
});

test("the stack's outputs are what the servers have", async () => {
  const outputs = (await mesh.stack.outputs()).servers as Record<string, { publicKey: string; addresses: object }>;
  for (const [at, name] of names.entries()) {
    assert.equal(outputs[name]!.publicKey, await mesh.on(name, "wg show vpcs public-key"));
    assert.deepEqual(outputs[name]!.addresses, Object.fromEntries(names.map((peer) => [peer, seen[peer][at]])));
  }
});

test("a private key is in files that root alone can read", async () => {
  for (const name of names) {
    const found =
      'grep -rlF "$(wg show vpcs private-key)" /etc /home /opt /root /run /srv /tmp /usr/local /var /dev/shm';
    const files = await mesh.on(name, `${found} 2> /dev/null | xargs stat -c '%a %U %n'`, { allowFailure: true });
    assert.ok(files.includes("/etc/wireguard/vpcs.conf"), files);
    for (const file of files.split("\n")) assert.match(file, /^600 root /);
  }
});

test("every pair has a preshared key of its own", async () => {
  const all = await Promise.all(names.map((name) => mesh.on(name, "wg show all preshared-keys | awk '{ print $3 }'")));
  const counts = new Map<string, number>();
  for (const key of all.flatMap((text) => text.split("\n"))) counts.set(key, (counts.get(key) ?? 0) + 1);
  assert.deepEqual([...counts.values()], Array(10).fill(2));
});

test("a second up plans no change and opens no SSH connection", async () => {
  const logins = () => mesh.onAll("journalctl --quiet --unit=ssh --output=cat | grep -c ' from '");
  const before = await logins();
  await mesh.up({ args: ["--expect-no-changes"], withPreview: true });
  assert.deepEqual(await logins(), before);
});

/** What a preview shows as removed and added lines of a text. */
async function previewedLines(): Promise<string[]> {
  const { stdout } = await mesh.preview({ diff: true });
  return stdout.split("\n").map((line) => line.trim().replace(/^([+-])\s+/, "$1 "));
}

test("a preview shows a newcomer in each server's configuration", async () => {
  mesh.config.servers.server8 = { address: "198.51.100.60", hostKey };
  const lines = await previewedLines();
  delete mesh.config.servers.server8;
  for (const line of ["+ peer server8 192.168.5.8/32", "+ 192.168.12.1 server8.vpcdomain server8"]) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join("\n")}`);
  }
  const dialling = "\\npeer server8 192.168.12.1/32 endpoint 198.51.100.60:51828 keepalive 25\\n";
  const interfaces = lines.filter((line) => /^\+ vpcc8 ?: /.test(line) && line.includes(dialling));
  assert.equal(interfaces.length, 2, lines.join("\n")); // of server10 and home
});

test("a preview shows a changed port where it changes", async () => {
  Object.assign(mesh.config.servers.server2!, { wgPort: 4500 });
  const lines = await previewedLines();
  delete mesh.config.servers.server2!.wgPort;
  const { address } = mesh.lab.server("server2");
  const peer = (port: number) => `peer server2 192.168.6.1/32 endpoint ${address}:${port} keepalive 25`;
  const dialling = [`- ${peer(51822)}`, `+ ${peer(4500)}`];
  assert.deepEqual(
    lines.filter((line) => /^[+-] (interface|peer) /.test(line)).sort(),
    [
      "- interface vpcs 192.168.6.1/24 port 51822",
      "+ interface vpcs 192.168.6.1/24 port 4500",
      ...[dialling, dialling, dialling].flat(),
    ].sort(),
    lines.join("\n"),
  );
});

test("a mesh comes back by itself after the reboot of any server", async () => {
  for (const name of names) {
    await mesh.lab.server(name).reboot();
    await mesh.untilAllAnswer();
  }
});

test("a mesh comes back by itself after a power cut everywhere", async () => {
  await Promise.all(names.map((name) => mesh.lab.server(name).reboot({ hard: true })));
  await mesh.untilAllAnswer();
});

test("a server that leaves moves no other, and its name's beginning is nobody's concern", async () => {
  const interfaces = "ip -o link show | sed -n 's/^\\([0-9]*: vpc[^:]*\\):.*/\\1/p' | grep -v vpcc10";
  const before = await mesh.onAll(interfaces);
  delete mesh.config.servers.server10;
  await mesh.up();
  const rest = names.filter((name) => name !== "server10");
  for (const name of rest) {
    const original = await mesh.on(name, "cat /root/hosts.before");
    assert.equal(await mesh.on(name, "cat /etc/hosts"), hosts(name, original, rest));
    assert.equal(await mesh.on(name, interfaces), before[name]);
  }
  assert.deepEqual(await mesh.silentPairs(), []);
  assert.equal(await mesh.on("server10", "cat /etc/hosts"), await mesh.on("server10", "cat /root/hosts.before"));
});

test("nobody else's files and units were touched", async () => {
  await mesh.onAll("md5sum --quiet -c /root/foreign");
});
