import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { afterThis } from "../after";
import { TestMesh, ufwLimit } from "./support";

// What goes wrong is told in words that help, and the next up finishes the work.
let mesh: TestMesh;

beforeAll(async () => {
  const names = ["server1", "server2", "server3"];
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  mesh.config.ssh = { privateKeyFile: mesh.lab.keyFile, connectTimeout: 5 };
});
afterAll(() => mesh?.end());

/** An up that fails; all that it said. */
async function failedUp(): Promise<string> {
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0);
  return stdout + stderr;
}

/** What the Commands of a state last printed, by their names. */
async function printed(): Promise<Record<string, string>> {
  const { resources } = (await mesh.stack.exportState()).deployment;
  const all = resources.filter(({ type }: { type: string }) => type === "command:remote:Command");
  return Object.fromEntries(
    all.map(({ urn, outputs }: { urn: string; outputs: { stdout: string } }) => [
      urn.split("::").at(-1),
      outputs.stdout,
    ]),
  );
}

/** What a preview would do to a resource. */
async function operationOf(name: string): Promise<string> {
  const { stdout } = await mesh.preview({ args: ["--json", "--show-sames"] });
  return JSON.parse(stdout).steps.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`)).op;
}

test("a user whose sudo asks for a password is refused at once", async () => {
  mesh.config.servers.server2!.user = "opspw";
  const { server3, ...others } = mesh.config.servers;
  mesh.config.servers = others;
  const output = await failedUp();
  mesh.config.servers = { ...others, server3: server3! };
  delete mesh.config.servers.server2!.user;
  assert.match(output, /fakevpc: user opspw is not root and has no sudo without a password: log in as root, or add '/);
  assert.match(output, /fakevpc-server2-host/);
  assert.equal(await mesh.on("server2", "ls /var/lib/fakevpc 2> /dev/null", { allowFailure: true }), "");
});

test("a server that cannot be reached keeps no other from its mesh, and joins with the next up", async () => {
  await mesh.lab.server("server3").off({ hard: true });
  const output = await failedUp();
  assert.deepEqual(await mesh.silentPairs(["server1", "server2"]), []);
  assert.match(output, /fakevpc-server3-host/);
  assert.ok(output.includes(`${mesh.lab.server("server3").address}:22`), output);
  await mesh.lab.server("server3").on();
  await mesh.up();
  await mesh.untilAllAnswer();
});

test("a wrong user is tried three times, so that a server with ufw's limit lets the right one in at once", async () => {
  await mesh.on("server2", ufwLimit());
  mesh.config.servers.server2!.user = "stranger";
  assert.match(await failedUp(), /after 2 failed attempts: ssh: handshake failed: ssh: unable to authenticate/);
  delete mesh.config.servers.server2!.user;
  await mesh.up();
  const said = await mesh.on("server2", "journalctl --quiet --unit=ssh --output=cat");
  assert.equal(said.match(/^Invalid user stranger /gm)?.length, 3, said);
  await mesh.on("server2", "iptables --flush INPUT");
});

test("a script that runs again says that it has nothing to change", async () => {
  mesh.config.ssh = { privateKeyFile: mesh.lab.keyFile, connectTimeout: 20 };
  await mesh.up();
  const words = Object.entries(await printed());
  assert.equal(words.length, 6);
  for (const [name, text] of words) {
    const [, server, step] = name.split("-");
    const [first, ...rest] = text.split("\n");
    assert.match(first!, new RegExp(`^fakevpc ${step} sha256:[0-9a-f]{64}$`));
    const dated = step === "host" ? /^fakevpc host at \d+ machine-id:\S+( host-key:\S+)+$/.test(rest.shift()!) : true;
    assert.ok(dated, text);
    assert.deepEqual(rest, [`${server} ${step}: nothing to change`]);
  }
});

test("half of a block in /etc/hosts is an error of one sentence, and no guess", async () => {
  await mesh.on("server2", "sed -i '/^# fakevpc vpc: end/d' /etc/hosts; cp /etc/hosts /root/hosts.half");
  mesh.config.domain = "example.org";
  const output = await failedUp();
  assert.match(
    output,
    /fakevpc: server2 mesh: \/etc\/hosts has only half of the lines .*: restore the missing one or remove both/,
  );
  await mesh.on("server2", "cmp /etc/hosts /root/hosts.half");
  assert.deepEqual(await mesh.silentPairs(["server1", "server3"]), []);
  mesh.config.domain = "vpcdomain";
  assert.equal(await operationOf("fakevpc-server2-mesh"), "same", "docs/programs.md says that `reapply` has to change");
  mesh.config.domain = "example.org";
  await mesh.on("server2", "echo '# fakevpc vpc: end' >> /etc/hosts");
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});

const remedy = "make room on the server|mount it for writing|'chattr -i' takes off";
const kept = "/var/lib/fakevpc";

/** What a server is made to refuse, how that ends, and what an up then says of it. */
const refusals: Record<string, [begin: string, end: string, says: RegExp[]]> = {
  "an immutable conf and an immutable hosts file": [
    "chattr +i /etc/wireguard/vpcc1.conf /etc/hosts",
    "chattr -i /etc/wireguard/vpcc1.conf /etc/hosts",
    [/\/etc\/wireguard\/vpcc1\.conf cannot be written: .*Operation not permitted/, /\/etc\/hosts cannot be written: /],
  ],
  "a read-only /etc": [
    "mount --bind /etc /etc; mount -o remount,ro,bind /etc",
    "umount /etc",
    [/\/etc\/hosts cannot be written: the file system is read-only/],
  ],
  "a full disk": [
    `cp -a ${kept} /run/saved && mount -t tmpfs -o size=512k,mode=700 tmpfs ${kept} && cp -a /run/saved/. ${kept} && rm -rf /run/saved ${kept}/vpc/interfaces/*.endpoints && { head -c 1000000 /dev/zero > ${kept}/filler || true; }`,
    `umount ${kept}`,
    [/plan\.new cannot be written: the disk is full/],
  ],
};

for (const [at, [what, [begin, end, says]]] of Object.entries(refusals).entries()) {
  test(`${what}: each part that fails has its sentence, and a key that is gone is cut off all the same`, async () => {
    afterThis(() => mesh.on("server2", end, { allowFailure: true }));
    const oldKey = await mesh.on("server2", "wg show vpcc1 peers");
    await mesh.on("server2", `{ ${begin}; } 2> /dev/null`);
    mesh.config.servers.server1!.keyVersion = `new${at}`;
    mesh.config.domain = `new${at}.example`;
    const output = await failedUp();
    const sentences = output.split("\n").filter((line) => /^\s*fakevpc: server2 mesh: /.test(line));
    for (const each of says)
      assert.ok(
        sentences.some((line) => each.test(line)),
        `${each}: ${output}`,
      );
    for (const line of sentences) assert.match(line, new RegExp(remedy));
    assert.doesNotMatch(await mesh.on("server2", "wg show vpcc1 peers"), new RegExp(oldKey.replaceAll("+", "\\+")));
    await mesh.on("server2", "ping -c 1 -W 3 192.168.2.3");
    await mesh.on("server2", end);
    await mesh.up();
    await mesh.untilAllAnswer();
  });
}

test("with a full /run the up fails by a sentence, and without a /tmp a user with sudo needs none", async () => {
  const full = "used=$(df -k --output=used /run | tail -n 1); mount -o remount,size=$((used + 8))k /run";
  const end = "rm -f /run/filler; mount -o remount,size=50% /run; ! mountpoint -q /tmp || umount /tmp";
  afterThis(() => mesh.on("server2", end));
  mesh.config.domain = "full.example";
  await mesh.on("server2", `${full}; head -c 100000 /dev/zero > /run/filler 2> /dev/null || true`);
  assert.match(await failedUp(), /fakevpc: server2 mesh: .*(make room in \/run|\/run cannot be written)/);
  await mesh.on("server2", `${end}; mount -t tmpfs -o mode=1777,nr_inodes=1 tmpfs /tmp`);
  mesh.config.servers.server2!.user = "ops";
  await mesh.up();
  await mesh.untilAllAnswer();
  delete mesh.config.servers.server2!.user;
});

test("a place that belongs to another mesh is refused, with the way out", async () => {
  await mesh.on("server1", "mkdir /var/lib/fakevpc/vpn; echo another > /var/lib/fakevpc/vpn/mesh");
  // What cannot be taken off a server is said, and all else has gone.
  await mesh.on("server2", "chattr +i /etc/hosts");
  afterThis(() => mesh.on("server2", "chattr -i /etc/hosts"));
  await assert.rejects(
    mesh.destroy(),
    /fakevpc: server2 host: \/etc\/hosts cannot be written: .*'chattr -i' takes off/,
  );
  const ours = "ls -d /sys/class/net/vpc* /etc/wireguard/vpc* /etc/systemd/system/fakevpc* 2> /dev/null";
  assert.equal(await mesh.on("server2", ours, { allowFailure: true }), "");
  await mesh.on("server2", "chattr -i /etc/hosts");
  await mesh.destroy();
  assert.equal(await mesh.on("server2", "grep fakevpc /etc/hosts", { allowFailure: true }), "");
  mesh.config.prefix = "vpn";
  const output = await failedUp();
  assert.match(
    output,
    /fakevpc: server1 host: the prefix 'vpn' belongs to another mesh here: give this one another prefix, or/,
  );
  await mesh.on("server1", "rm -r /var/lib/fakevpc/vpn");
  await mesh.up();
  await mesh.untilAllAnswer();
});
