import assert from "node:assert/strict";
import { existsSync, truncateSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { Result } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { cutShort, startUp } from "./cutShort";
import { TestMesh } from "./support";
import { disturbed, interfacesOf, restartedSince, trafficDuring } from "./traffic";

// An up is cut short in every way: the next one finishes the job, and what was up stays up.
let mesh: TestMesh;
const steady = ["server1", "server2"];
let changes = 0;
/** Milliseconds that an up of such a change takes when nobody interrupts it. */
let usual: number;

beforeAll(async () => {
  const names = ["server1", "server2", "server3", "server4"];
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  const { server4 } = mesh.config.servers;
  entries.server4 = server4!;
  await mesh.up();
  change();
  const start = Date.now();
  await mesh.up();
  usual = Date.now() - start;
});
afterAll(() => mesh?.end());

const entries: Record<string, Record<string, unknown>> = {};

/** server4 comes or goes, server3 moves to another port, and every server's hosts change. */
function change(): void {
  changes++;
  mesh.config.domain = `change${changes}.internal`;
  mesh.config.servers.server3!.wgPort = 4000 + changes;
  if (changes % 2 === 0) mesh.config.servers.server4 = entries.server4!;
  else delete mesh.config.servers.server4;
}

const interruptedUp = (signal: NodeJS.Signals, moment: number) => cutShort(mesh, signal, moment, usual + 30_000);

/** The files of ours on any server that are not whole. */
async function halfWritten(): Promise<Record<string, string>> {
  const confs = [
    "for conf in /etc/wireguard/vpc*.conf; do [ -e $conf ] || continue",
    "name=$(basename $conf .conf)",
    "wg-quick strip $name | grep -q ^PrivateKey || echo $conf",
    "[ $(grep -c '^.Peer.' $conf) = $(grep -c ^AllowedIPs $conf) ] || echo $conf; done",
  ].join("; ");
  const hosts =
    "[ $(grep -c 'fakevpc vpc: begin' /etc/hosts) = $(grep -c 'fakevpc vpc: end' /etc/hosts) ] || echo hosts";
  return mesh.onAll(`{ ${confs}; ${hosts}; } 2>&1`);
}

const whole = { server1: "", server2: "", server3: "", server4: "" };

/** What an interruption must not do: half-written files, a lock-out. What the next up must do: all of its job. */
async function recovers(): Promise<void> {
  assert.deepEqual(await halfWritten(), whole);
  for (const server of mesh.lab.servers) await server.ssh("true");
  await mesh.stack.cancel().catch(() => {}); // where the operation ended by itself there is nothing to cancel
  await mesh.up();
  await mesh.untilAllAnswer(mesh.config.domain as string);
  const left =
    "find /etc /var/lib/fakevpc -name '*.fakevpc' -o -name 'stage.*' -o -name '*.new' -o -name '*.pending' 2> /dev/null || true";
  assert.deepEqual(await mesh.onAll(left), whole);
  await mesh.preview({ args: ["--expect-no-changes"] });
}

const moments = { SIGKILL: [0.3, 0.5, 0.6, 0.7, 0.85], SIGINT: [0.4, 0.6, 0.8] } as const;
for (const signal of ["SIGKILL", "SIGINT"] as const) {
  for (const moment of moments[signal]) {
    test(`an up is ended by ${signal} after ${moment} of its time`, async () => {
      const interfaces = await interfacesOf(mesh, steady);
      const traffic = await trafficDuring(mesh, steady, async () => {
        change();
        await interruptedUp(signal, usual * moment);
        await recovers();
      });
      assert.deepEqual(disturbed(traffic), []);
      const others = (await restartedSince(mesh, interfaces)).filter((each) => !/vpcc[34]$/.test(each));
      assert.deepEqual(others, []);
    });
  }
}

test("an up that is killed while Pulumi writes beside its state leaves an empty file, whose removal is all it takes", async () => {
  const attributes = `${mesh.stack.stateFile}.attrs`;
  truncateSync(attributes);
  const { code, stdout, stderr } = await mesh.preview({ allowFailure: true });
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /failed to load checkpoint: EOF/);
  await mesh.stack.cancel().catch(() => {});
  assert.equal(existsSync(attributes), false);
  await mesh.preview({ args: ["--expect-no-changes"] });
});

/** An up during which something happens to server3 as soon as one of its steps has begun. */
async function upDuring(happens: () => Promise<void>): Promise<Result> {
  let begun = false;
  const { ended, end } = startUp(mesh, {
    continueOnError: true,
    timeout: 240_000,
    onOutput: (text) => {
      begun ||= /fakevpc-server3-\w+ updating/.test(text);
    },
  });
  try {
    await waitUntil(async () => begun, 120, "a step of server3");
    await happens();
    return await ended;
  } finally {
    end();
  }
}

const server3 = () => mesh.lab.server("server3");
const accidents: Record<string, () => Promise<void>> = {
  "the network is cut for some seconds": async () => {
    await server3().partition();
    await sleep(4000);
    await server3().heal();
  },
  "every ssh connection breaks": async () => {
    await mesh.on("server3", "pkill -KILL -f '^sshd: root'", { allowFailure: true });
  },
  "the step is killed on the server": async () => {
    await mesh.on("server3", "pkill -KILL -f host.sh", { allowFailure: true });
  },
  "the server reboots": () => server3().reboot(),
  "the server loses its power for a moment": () => server3().reboot({ hard: true }),
};
for (const [what, happens] of Object.entries(accidents)) {
  test(`${what} in the middle of an up`, async () => {
    const traffic = await trafficDuring(mesh, steady, async () => {
      change();
      await upDuring(happens);
      await recovers();
    });
    assert.deepEqual(disturbed(traffic), []);
  });
}

test("apt's locks are held for a while: the up waits for them", async () => {
  const locks = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock"];
  const hold = `import fcntl, time; f = [open(n, "w") for n in ${JSON.stringify(locks)}]; [fcntl.lockf(g, fcntl.LOCK_EX) for g in f]; time.sleep(600)`;
  await mesh.on("server3", "apt-get -q -y remove socat");
  await mesh.on("server3", `systemd-run --quiet --collect --unit=apt-locks python3 -c '${hold}'`);
  mesh.config.servers.server3!.reapply = "socat";
  const up = mesh.up({ allowFailure: true });
  try {
    const waits = async () => (await mesh.on("server3", "pgrep -c apt-get", { allowFailure: true })) !== "0";
    await waitUntil(waits, 120, "an apt-get that waits");
  } finally {
    await mesh.on("server3", "systemctl stop apt-locks");
  }
  const { code, stdout } = await up;
  assert.equal(code, 0, stdout);
  assert.notEqual(await mesh.on("server3", "command -v socat"), "");
});

test("the disk is full: the up says so, what was up stays up, and the next one finishes", async () => {
  const places = ["/etc/wireguard", "/var/lib/fakevpc"];
  const small = (place: string) =>
    `cp -a ${place} /run/saved && mount -t tmpfs -o size=400k,mode=700 tmpfs ${place} && cp -a /run/saved/. ${place} && rm -r /run/saved && { head -c 1000000 /dev/zero > ${place}/filler || true; }`;
  await mesh.on("server3", `{ ${places.map(small).join(" && ")}; } 2> /dev/null`);
  try {
    const interfaces = await interfacesOf(mesh, ["server3"]);
    change();
    const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /server3 mesh: .*the disk is full .*: make room/);
    assert.deepEqual(await halfWritten(), whole);
    const restarted = await restartedSince(mesh, interfaces);
    assert.deepEqual(
      restarted.filter((each) => !each.includes("vpcc4")),
      [],
    );
    await mesh.on("server3", `rm ${places.map((place) => `${place}/filler`).join(" ")}`);
    await recovers();
  } finally {
    const large = (place: string) =>
      `cp -a ${place} /run/saved; umount ${place}; cp -a /run/saved/. ${place}; rm -r /run/saved`;
    await mesh.on("server3", places.map(large).join("; "));
  }
});
