import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { controlGroup } from "../../lab/servers/holder";
import { Lab } from "../../lab/servers/lab";
import { lossIn, pingProgram } from "../../lab/servers/pings";
import { type LabServer, sudoPassword } from "../../lab/servers/server";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";

const interfaces = readdirSync("/sys/class/net");
let lab: Lab;
let server1: LabServer;
let server2: LabServer;
let server3: LabServer;

beforeAll(async () => {
  const servers = [
    { name: "server1" },
    { name: "server2", suite: "trixie" as const, packages: true },
    { name: "server3", nat: true },
  ];
  lab = await Lab.up({ servers, log: (line) => process.stderr.write(`${line}\n`) });
  [server1, server2, server3] = [lab.server("server1"), lab.server("server2"), lab.server("server3")];
});

afterAll(() => lab?.down());

async function succeeds(result: Promise<{ code: number }>): Promise<boolean> {
  return (await result).code === 0;
}

/** One server sees the other, at once or within so many seconds. */
function reaches(from: LabServer, address: string, seconds = 30): Promise<boolean> {
  // One ping alone gives up at the first word that the neighbour is not known, which a partition leaves behind.
  const ping = `until ping -c 1 -W 1 ${address}; do sleep 0.1; done`;
  return succeeds(from.exec(["timeout", String(seconds), "sh", "-c", ping], { allowFailure: true }));
}

/** The operator sees the server's sshd, at once or within so many seconds. */
function answers(server: LabServer, seconds = 30): Promise<boolean> {
  const connect = `until exec 3<>/dev/tcp/${server.address}/22; do sleep 0.1; done`;
  return succeeds(lab.run(["timeout", String(seconds), "bash", "-c", connect], { allowFailure: true }));
}

/** What this machine has of a lab: processes, control groups, the directory. */
function traces(directory: string): string[] {
  const processes = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(directory);
    } catch {
      return false; // it has ended
    }
  });
  const trees = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((name) => path.join("/sys/fs/cgroup", name))];
  const groups = trees.map((tree) => path.join(tree, controlGroup(directory)));
  return [...processes, ...[...groups, directory].filter(existsSync)];
}

test("every server is a whole Debian", async () => {
  for (const server of lab.servers) {
    const { stdout } = await server.ssh(
      "hostname; . /etc/os-release; echo $VERSION_CODENAME; systemctl is-system-running --wait",
    );
    assert.deepEqual(stdout.trim().split("\n"), [server.name, server.suite, "running"]);
  }
});

test("ssh takes each of the users", async () => {
  assert.equal((await server1.ssh("id -un")).stdout, "root\n");
  assert.equal((await server1.ssh("sudo -n id -un", { user: "ops" })).stdout, "root\n");
  assert.notEqual((await server1.ssh("sudo -n id -un", { user: "opspw", allowFailure: true })).code, 0);
  const input = `${sudoPassword}\n`;
  assert.equal((await server1.ssh("sudo -S -p '' id -un", { user: "opspw", input })).stdout, "root\n");
});

test("a server behind NAT gets out, and nobody gets in", async () => {
  assert.ok(await reaches(server1, server2.address));
  assert.ok(await reaches(server1, server2.address6!));
  assert.ok(await reaches(server3, server1.address));
  assert.ok(!(await reaches(server1, server3.address, 2)));
  assert.ok(!(await reaches(server1, server3.wanAddress!, 2)));
});

test("packages come through the proxy, and nothing else does", async () => {
  await server1.ssh("apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install tree");
  await server1.ssh("tree --version");
  const request =
    "exec 3<>/dev/tcp/198.51.100.1/3142; printf 'GET http://example.org/ HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3";
  assert.match((await server1.exec(["bash", "-c", request])).stdout, /403/);
  await server2.ssh("wg --version && socat -V && nft --version");
});

test("WireGuard runs in userspace where the machine has no module", async () => {
  await server2.ssh("umask 077; printf '[Interface]\\nPrivateKey = %s\\n' $(wg genkey) > /etc/wireguard/wg9.conf");
  await server2.ssh("systemctl start wg-quick@wg9 && wg show wg9 && systemctl stop wg-quick@wg9");
});

test("a reboot is one, by command and by power cut", async () => {
  for (const hard of [false, true]) {
    const boot = await server1.bootId();
    await server1.ssh("touch /root/kept /run/lost; sync");
    await server1.reboot({ hard });
    assert.notEqual(await server1.bootId(), boot);
    await server1.ssh("test -e /root/kept && ! test -e /run/lost");
  }
});

test("a server can be off and on", async () => {
  await server2.off();
  assert.ok(!(await answers(server2, 2)));
  await server2.on();
  assert.ok(await answers(server2));
});

test("a partition is silent, and heals", async () => {
  await server2.partition();
  assert.ok(!(await answers(server2, 2)));
  assert.ok(!(await reaches(server1, server2.address, 2)));
  await server2.heal();
  assert.ok(await answers(server2));
  assert.ok(await reaches(server1, server2.address));
});

test("a partition of two leaves the others alone, also through NAT", async () => {
  await server1.partition("server2", "server3");
  assert.ok(!(await reaches(server2, server1.address, 2)));
  assert.ok(!(await reaches(server3, server1.address, 2)));
  assert.ok(await reaches(server3, server2.address));
  assert.ok(await answers(server1));
  await server1.heal();
  assert.ok(await reaches(server2, server1.address));
  assert.ok(await reaches(server3, server1.address));
});

test("a cable can be pulled", async () => {
  await server2.unplug();
  assert.ok(!(await answers(server2, 2)));
  await server2.plug();
  await waitUntil(() => answers(server2), 60, "the server after plugging");
});

test("pings that are near each other lose nothing where answers come, in either family, and all where none come", async () => {
  const pings = async (address: string) => {
    const argv = ["python3", "-", address, "150"];
    return lossIn((await server1.exec(argv, { input: pingProgram })).stdout, 100);
  };
  for (const address of [server2.address, server2.address6!]) {
    const { sent, lost } = await pings(address);
    assert.ok(sent > 0 && lost === 0, `${address}: ${lost} of ${sent}`);
  }
  await server1.exec(["ip", "route", "add", "blackhole", "192.0.2.1"]);
  const { gaps, ...loss } = await pings("192.0.2.1");
  assert.deepEqual(loss, { sent: 150, lost: 150, dark: 1500 });
  assert.deepEqual(gaps, ["1-150 could not leave: [Errno 22] Invalid argument"]);
});

test("a home router gets another address", async () => {
  const old = server3.wanAddress;
  await server3.changeWanAddress();
  assert.notEqual(server3.wanAddress, old);
  assert.ok(await reaches(server3, server1.address));
  const { stdout } = await lab.inside(["ip", "-n", "r3", "-4", "address", "show", "dev", "wan"]);
  assert.ok(stdout.includes(`${server3.wanAddress}/24`) && !stdout.includes(`${old}/24`));
});

test("a reset server is a new one", async () => {
  const key = server1.hostKey;
  await server1.ssh("touch /root/old");
  await server1.reset();
  assert.notEqual(server1.hostKey, key);
  assert.match(server1.hostKey, /^ssh-ed25519 \S+$/);
  await server1.ssh("! test -e /root/old");
});

test("servers come and go", async () => {
  const server4 = await lab.add({ name: "server4", nat: true });
  assert.ok(await reaches(server4, server1.address));
  await lab.remove("server4");
  assert.ok(!(await answers(server4, 2)));
  assert.throws(() => lab.server("server4"));
  assert.equal(existsSync(path.join(lab.directory, "servers", "server4")), false);
  await assert.rejects(lab.add({ name: "server1" }), /already/);
});

test("another process can attach", async () => {
  const attached = (await Lab.attach(lab.directory))!;
  assert.equal((await attached.server("server1").ssh("hostname")).stdout, "server1\n");
  assert.equal(attached.server("server1").hostKey, server1.hostKey);
});

test("the first process reaps orphans", async () => {
  const children = async () => (await lab.inside(["cat", "/proc/1/task/1/children"])).stdout;
  await lab.inside(["sh", "-c", "(sleep 0.5 >/dev/null 2>&1 &)"]);
  assert.notEqual(await children(), "");
  await waitUntil(async () => (await children()) === "", 60, "the orphan being reaped");
});

test("a second lab lives beside the first, and ends with its owner even when that is killed", async () => {
  const program = `
    const { Lab } = require(${JSON.stringify(packageFile("dist/lab/servers/lab.js"))});
    Lab.up({ servers: [{ name: "server1" }] }).then((lab) => {
      console.log(lab.directory);
      setInterval(() => {}, 1000);
    });`;
  const owner: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  afterThis(() => owner.kill("SIGKILL"));
  const directory = await new Promise<string>((resolve) =>
    owner.stdout!.on("data", (text) => resolve(`${text}`.trim())),
  );
  const second = (await Lab.attach(directory))!;
  assert.notEqual(second.server("server1").hostKey, server1.hostKey);
  assert.ok(traces(directory).includes(directory));
  assert.ok(await answers(server1));

  owner.kill("SIGKILL");
  await waitUntil(async () => traces(directory).length === 0, 120, "the end of the second lab");
  assert.equal(await Lab.attach(directory), undefined);
  assert.ok(await answers(server1));
});

test("down leaves nothing, and can be said twice", async () => {
  const { directory } = lab;
  const before = traces(directory);
  assert.ok(before.some((trace) => trace.endsWith(controlGroup(directory))) && /^\d+$/.test(before[0]!));
  await lab.down();
  await lab.down();
  assert.deepEqual(traces(directory), []);
  assert.deepEqual(readdirSync("/sys/class/net"), interfaces);
});
