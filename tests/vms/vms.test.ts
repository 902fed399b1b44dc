import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { echo, pings } from "../../demo/checks";
import { type Machine, VmsExample } from "../../demo/vmsExample";
import { cacheDirectory } from "../../lab/cache";
import { run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";

// A mesh of two releases of Debian with kernels of their own: each machine has an address for all, and two are private and meet
// through the third. Other ports than the example's own, which may be up beside the test.
const config = {
  ...{ image: "debian/bullseye,debian/trixie", memory: 512, cores: 1, sshPort: 5100, wgPort: 52820 },
  ...{ network: "10.77.0.0/16", relay: true },
};
const names = ["server1", "server2", "server3"];
const directory = path.join(cacheDirectory("vms"), "test");
let example: VmsExample;
let machines: Machine[] = [];

beforeAll(async () => {
  await removeMachines(); // of a test that was interrupted
  const log = (line: string) => process.stdout.write(`${line}\n`);
  example = await VmsExample.prepare("test", mkdtempSync(path.join(tmpdir(), "fakevpc-vms-")), log);
  await example.configure(config);
  await example.stack.up({ onOutput: (text) => process.stdout.write(text) });
  machines = await example.machines();
});

afterAll(async () => {
  await removeMachines();
  await example?.stack.remove();
});

function removeMachines(): Promise<unknown> {
  const script = packageFile("examples/vms/directory.sh");
  return run(["sh", script, "remove"], { env: { ...process.env, DIRECTORY: directory } });
}

function machine(name: string): Machine {
  return machines.find((each) => each.name === name)!;
}

/** What a shell command prints on a machine. */
async function on(name: string, command: string, timeout?: number): Promise<string> {
  return (await machine(name).exec(["sh", "-c", command], { timeout })).stdout.trim();
}

function onEach(command: string): Promise<string[]> {
  return Promise.all(names.map((name) => on(name, command)));
}

/** Waits until every machine reaches every other by name, and the echo service: an emulated one takes its time. */
async function untilMeshWorks(): Promise<void> {
  let seen: unknown;
  const works = async () => {
    const rows = await pings(machines);
    const answers = await Promise.all(machines.map((from) => echo(from, "server2", 8888)));
    seen = { pings: rows.map((row) => row.map(({ good }) => good)), echo: answers.map(({ answer }) => answer) };
    return isDeepStrictEqual(seen, { pings: names.map(() => names.map(() => true)), echo: names.map(() => "123") });
  };
  await waitUntil(works, 900, "a mesh that works").catch((error: Error) => {
    throw new Error(`${error.message}; last seen: ${JSON.stringify(seen)}`);
  });
}

/** Waits until each machine's one address answers every machine. */
function untilAddressesAnswer(): Promise<void> {
  const all = names.map((_, at) => `ping -q -c 1 -W 10 10.77.0.${at + 1} > /dev/null`).join(" && ");
  const answer = async () => (await onEach(`${all} && echo yes || echo no`)).every((word) => word === "yes");
  return waitUntil(answer, 900, "answers at the addresses for all");
}

/** How a connection from this machine ends. */
function connect(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket
      .on("connect", () => resolve("connected"))
      .on("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
    socket.on("close", () => socket.destroy());
  });
}

function processOf(name: string): number {
  return Number(readFileSync(path.join(directory, name, "pid"), "utf8"));
}

test("cloud-init made three machines as asked", async () => {
  assert.deepEqual(await onEach("hostname"), names);
  assert.deepEqual(await onEach(". /etc/os-release; echo $VERSION_ID"), ["11", "13", "11"]);
  assert.deepEqual(await onEach("sudo id -un"), ["root", "root", "root"]);
  const settings = await onEach("sudo sshd -T | grep -E '^passwordauthentication'");
  assert.deepEqual(
    settings,
    names.map(() => "passwordauthentication no"),
  );
  const keysOfRoot = await onEach(
    "sudo cat /root/.ssh/authorized_keys 2>/dev/null | grep -v -c no-port-forwarding || true",
  );
  assert.deepEqual(keysOfRoot, ["0", "0", "0"]);
});

test("the kernel does WireGuard, and no process does it instead", async () => {
  assert.deepEqual(
    await onEach("ls -d /sys/module/wireguard"),
    names.map(() => "/sys/module/wireguard"),
  );
  assert.deepEqual(await onEach("ip -brief link show type wireguard | wc -l"), ["1", "2", "3"]);
  assert.deepEqual(await onEach("pgrep wireguard-go || echo none"), ["none", "none", "none"]);
});

test("every machine reaches every other by name, and the echo service", untilMeshWorks);

test("each machine's one address answers all, and a relayed pair has packets of the relay's tunnel less 60 bytes", async () => {
  await untilAddressesAnswer();
  assert.match(await on("server3", "sudo wg show vpcc2 endpoints"), /\t192\.168\.1\.1:52822$/);
  const passes = (size: number) =>
    on("server3", `ping -q -c 2 -W 10 -M do -s ${size - 28} server2.vpcdomain > /dev/null && echo yes || echo no`);
  assert.equal(await on("server3", "cat /sys/class/net/vpcc1/mtu /sys/class/net/vpcc2/mtu"), "1420\n1360");
  assert.deepEqual([await passes(1360), await passes(1361)], ["yes", "no"]);
});

test("the echo service is closed to everybody else", async () => {
  assert.equal(await connect(config.sshPort + 2), "connected"); // what connects can be told from what does not
  assert.equal(await connect(8888), "ECONNREFUSED");
  const own = "hostname -I | tr ' ' '\\n' | grep '^10\\.0\\.2\\.'";
  assert.match(await on("server2", `nc -v -w 3 "$(${own})" 8888 </dev/null 2>&1 || true`), /refused/);
  assert.match(await on("server1", "nc -v -w 3 10.0.2.2 8888 </dev/null 2>&1 || true"), /refused/);
});

test("a second up changes nothing", async () => {
  const processes = names.map(processOf);
  await example.stack.up({ args: ["--expect-no-changes"] });
  assert.deepEqual(names.map(processOf), processes);
});

test("a machine that reboots is back with its mesh, and so is one that was killed, by an up that is asked to", async () => {
  const bootId = "cat /proc/sys/kernel/random/boot_id";
  const before = await on("server2", bootId);
  await on("server2", "echo 192.0.2.1 only-until-the-reboot | sudo tee -a /etc/hosts");
  process.kill(processOf("server3"), "SIGKILL");
  await on("server2", "sudo systemctl reboot || true").catch(() => {}); // it ends the connection too
  const survivor = processOf("server1");
  await example.configure({ ...config, reapply: "server3 was killed" });
  const { stdout } = await example.stack.up();
  assert.match(stdout, /server3 .*updated/);
  assert.equal(processOf("server1"), survivor);

  const rebooted = async () => (await on("server2", bootId, 20_000).catch(() => before)) !== before;
  await waitUntil(rebooted, 900, "server2 is back");
  await Promise.all(names.map((name) => on(name, "cloud-init status --wait")));
  const hosts = await on("server2", "cat /etc/hosts");
  assert.doesNotMatch(hosts, /only-until-the-reboot/);
  assert.match(hosts, /^# fakevpc vpc: begin$/m);
  await untilMeshWorks();
  await untilAddressesAnswer();
});

test("destroy leaves no process and no disk", async () => {
  const processes = names.map(processOf);
  await example.stack.destroy();
  // One that has ended is listed until its parent has heard of it.
  await waitUntil(async () => !processes.some((id) => existsSync(`/proc/${id}`)), 300, "the end of all processes");
  assert.equal(existsSync(directory), false);
});
