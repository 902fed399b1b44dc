import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { afterThis } from "../after";
import { TestMesh, untilBound } from "./support";

// What is on the servers before the first up is on them after a destroy, and nothing else.
let mesh: TestMesh;
let pristine: Record<string, string>;

beforeAll(async () => {
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
  ]);
  mesh.config.servers.server2!.user = "ops";
  Object.assign(mesh.config, { network: "10.77.0.0/16", network6: "auto" });
  mesh.config.services = {
    echo: { server: "server2", port: 8888 },
    store: { server: "server2", port: 9999, forward: "nftables" },
  };
  await mesh.lab.server("server2").ssh("sudo true", { user: "ops" }); // the first sudo makes directories of its own
  // A new address is in the tables only once nobody else was found to have it, a second or two after the boot.
  await mesh.onAll("while ip -6 address show tentative | grep -q .; do sleep 0.1; done");
  pristine = await mesh.onAll(everything);
});
afterAll(() => mesh?.end());
afterEach(() => mesh?.destroy());

/** Files by content and mode, units, packet filter, kernel settings and network, as text. */
const everything = [
  "skip='-path /var/cache -o -path /var/log -o -path /var/tmp -o -path /var/lib/apt -o -path /var/lib/systemd'",
  "find /etc /home /opt /root /srv /usr/local /var \\( $skip \\) -prune -o -printf '%p %y %m %u %l\\n' | sort",
  "find /etc /home /opt /root /srv /usr/local /var \\( $skip \\) -prune -o -type f -exec md5sum {} + | sort",
  "find /bin/ /boot /lib/ /sbin/ /usr -type f -printf '%p %s %m\\n' | sort",
  "ls /run /run/systemd/system /var/lib/systemd | grep -v '^wireguard$'", // an empty directory of wireguard-go
  "systemctl list-unit-files --plain --no-legend --no-pager",
  "systemctl list-units --all --type=service,socket,timer,mount,path --plain --no-legend --no-pager | awk '$2 == \"loaded\" && !/^(user|run-)/ { print $1, $2, $3 }'",
  "nft list ruleset",
  "sysctl -a 2> /dev/null | grep '^net\\.' | grep -v 'conntrack_count'",
  "ip -brief address; ip -brief link; ip rule; ip -4 route show table all; ip -6 route show table all | grep -v expires",
  "pgrep -l 'wireguard-go|socat' || true",
].join("\n");

/** Lines of text that a server has more or less than another text, with "+" or "-". */
function changedLines(before: string, now: string): string[] {
  const [old, young] = [new Set(before.split("\n")), new Set(now.split("\n"))];
  const gone = [...old].filter((line) => !young.has(line)).map((line) => `- ${line}`);
  return [...gone, ...[...young].filter((line) => !old.has(line)).map((line) => `+ ${line}`)];
}

/** What is different from before the first up, by server. */
async function differences(): Promise<Record<string, string[]>> {
  const now = await mesh.onAll(everything);
  return Object.fromEntries(
    Object.entries(now).map(([name, text]) => [name, changedLines(pristine[name]!, text)] as const),
  );
}

/** An up that fails; what it said. */
async function failedUp(): Promise<string> {
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0);
  return stdout + stderr;
}

const none = { server1: [], server2: [] };

test("a destroyed mesh leaves nothing", async () => {
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
  assert.notDeepEqual(await differences(), none);
  await mesh.onAll("mkdir /run/fakevpc.99999999"); // of a run that was killed
  await mesh.destroy();
  assert.deepEqual(await differences(), none);
});

test("a server that is renamed keeps its place in the mesh, and is left clean too", async () => {
  await mesh.up();
  const { server2, ...rest } = mesh.config.servers;
  const { services } = mesh.config;
  mesh.config.servers = { ...rest, backup: { ...server2, index: 2 } };
  mesh.config.services = {};
  await mesh.up();
  const pairs = [
    ["server1", "backup.vpcdomain"],
    ["server2", "server1.vpcdomain"],
  ] as const;
  for (const [from, to] of pairs) assert.ok(await mesh.pings(from, to), `${from} does not reach ${to}`);
  await mesh.destroy();
  mesh.config.servers = { ...rest, server2: server2! };
  mesh.config.services = services;
  assert.deepEqual(await differences(), none);
});

test("a first create that fails half-way leaves nothing after a destroy", async () => {
  // The port is taken: by then the table, the confs and the enabled unit are there.
  const take = "systemd-run --quiet --unit=taken socat -u UDP4-RECV:51822 /dev/null";
  await mesh.on("server2", `${take}; ${untilBound("0.0.0.0:51822")}`);
  assert.match(await failedUp(), /wg-quick@vpcs\.service did not/);
  await mesh.destroy();
  await mesh.on("server2", "systemctl stop taken; systemctl reset-failed taken");
  assert.deepEqual(await differences(), none);
});

test("a foreign conf of the same name is refused and kept", async () => {
  await mesh.on("server1", "echo '# somebody else' > /etc/wireguard/vpcs.conf");
  assert.match(await failedUp(), /server1 mesh: \/etc\/wireguard\/vpcs\.conf is there already and not ours/);
  await mesh.destroy();
  assert.equal(
    await mesh.on("server1", "cat /etc/wireguard/vpcs.conf; rm /etc/wireguard/vpcs.conf"),
    "# somebody else",
  );
  assert.deepEqual(await differences(), none);
});

test("a range that overlaps a network of the server is refused before its network is touched", async () => {
  const network = "nft list ruleset; ip -brief address; ip -4 route show table all; ls -A /etc/wireguard";
  await mesh.on("server1", "ip address add 192.168.1.50/24 dev eth0");
  try {
    const before = await mesh.on("server1", network);
    const output = await failedUp();
    assert.match(
      output,
      /overlaps one of the server's own networks \(192\.168\.1\.0\/24 and 192\.168\.1\.50\/24 on eth0\)/,
    );
    assert.equal(await mesh.on("server1", network), before);
  } finally {
    await mesh.on("server1", "ip address delete 192.168.1.50/24 dev eth0");
  }
  await mesh.destroy();
  assert.deepEqual(await differences(), none);
});

test("a network of the mesh that a server uses itself, or that holds the operator's address, is refused alike", async () => {
  const route = ["198.51.100.11/32", "dev", "br-wan", "src", "10.88.0.5"];
  const asOperator = (...argv: string[]) => mesh.lab.run(["ip", ...argv]);
  const { network } = mesh.config;
  afterThis(() => Object.assign(mesh.config, { network }));
  mesh.config.network = "10.88.0.0/16";
  await mesh.on("server2", "ip link add taken type bridge; ip address add 10.88.0.200/24 dev taken");
  afterThis(() => mesh.on("server2", "ip link delete taken"));
  await asOperator("address", "add", "10.88.0.5/32", "dev", "lo");
  afterThis(() => asOperator("address", "delete", "10.88.0.5/32", "dev", "lo"));
  await asOperator("route", "add", ...route);
  afterThis(() => asOperator("route", "delete", ...route));
  const output = await failedUp();
  assert.match(output, /server1 mesh: .*\(10\.88\.0\.0\/24 and 10\.88\.0\.5 of the SSH-client\)/);
  assert.match(output, /server2 mesh: .*\(10\.88\.0\.0\/24 and 10\.88\.0\.200\/24 on taken\)/);
  assert.doesNotMatch(await mesh.on("server1", "ip -brief address; ip route"), /10\.88\.0\.1\b/);
  await mesh.destroy();
});
