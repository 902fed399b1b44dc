import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { type Engine, ensureEngine } from "../../lab/engine/engine";
import { type OperationOptions, Stack } from "../../lab/engine/stack";
import type { Result } from "../../lab/process";
import { tell } from "../after";
import type { Wanted } from "./programs/commands/index";
import { freePort, Sshd } from "./sshd";

// The same tests pass with the official provider plugins on PATH, except where one says "stand-in".

const program = packageFile("tests/lab/programs/commands");
const remoteType = "command:remote:Command";
let engine: Engine;
let sshd: Sshd;
let stack: Stack;
let directory: string;

beforeAll(async () => {
  engine = await ensureEngine(() => {});
  sshd = await Sshd.start();
});
afterAll(() => sshd?.stop());

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-stack-"));
  stack = new Stack({ engine, name: "test", directory, program });
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A remote command; it prints nothing into the environment of its next run unless asked to. */
function remote(name: string, args: Wanted["args"], connection: Wanted["args"] = {}): Wanted {
  const login = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  const full = { addPreviousOutputInEnv: false, connection: { ...login, ...connection }, ...args };
  return { name, type: "remote", args: full };
}

async function up(wanted: Wanted[], options?: OperationOptions): Promise<Result> {
  await stack.setConfig({ "commands:resources": wanted });
  return stack.up(options);
}

async function failUp(wanted: Wanted[]): Promise<string> {
  const { code, stdout, stderr } = await up(wanted, { allowFailure: true });
  assert.notEqual(code, 0, stdout);
  return stdout + stderr;
}

async function resources(type: string): Promise<Record<string, unknown>[]> {
  const state = await stack.exportState();
  return (state.deployment.resources ?? []).filter((resource: { type: string }) => resource.type === type);
}

function scratch(name: string): string {
  return path.join(directory, name);
}

async function output(name: string): Promise<Record<string, string>> {
  const all = (await stack.outputs({ showSecrets: true })).outputs as Record<string, Record<string, string>>;
  return all[name]!;
}

test("a command is created, left alone, updated and deleted, each time with its stdin", async () => {
  const log = scratch("log");
  const args = {
    create: `{ echo create; cat; } >> ${log}; echo out; echo err >&2`,
    update: `{ echo update; cat; } >> ${log}; printf 'two\\n\\n'`,
    delete: `{ echo delete; cat; } >> ${log}`,
    stdin: "first\n",
  };
  const created = await up([remote("a", args)]);
  assert.match(created.stdout, /command:remote:Command a .*out/); // output is shown as it comes
  assert.deepEqual(await output("a"), { stdout: "out", stderr: "err" });
  assert.match((await up([remote("a", args)])).stdout, /2 unchanged/);
  await up([remote("a", { ...args, stdin: "second\n" })]);
  assert.deepEqual(await output("a"), { stdout: "two\n", stderr: "" });
  await stack.destroy();
  assert.equal(read(log), "create\nfirst\nupdate\nsecond\ndelete\nsecond\n");
});

test("create runs again where there is no update, and a command without create does nothing", async () => {
  const log = scratch("log");
  await up([remote("a", { create: `echo create >> ${log}`, stdin: "1" }), remote("b", { delete: "true" })]);
  await up([remote("a", { create: `echo create >> ${log}`, stdin: "2" }), remote("b", { delete: "true" })]);
  assert.equal(read(log), "create\ncreate\n");
  assert.deepEqual(await output("b"), { stdout: "", stderr: "" });
});

test("a failed create leaves no state, and the error shows the command and its output, but not its stdin", async () => {
  const command = 'cat >/dev/null; echo one; echo two >&2\necho "three"; exit 3';
  const text = await failUp([remote("a", { create: command, delete: "true", stdin: "hidden" })]);
  const quoted = String.raw`"cat >/dev/null; echo one; echo two >&2\necho \"three\"; exit 3"`;
  assert.ok(text.includes(`Process exited with status 3: running ${quoted}:`), text);
  for (const word of ["one", "two", "three"]) assert.match(text, new RegExp(`^ +${word}$`, "m"));
  assert.doesNotMatch(text, /hidden/);
  assert.deepEqual(await resources(remoteType), []);
});

test("a failed update keeps the old state", async () => {
  await up([remote("a", { create: "echo old", update: "exit 1", stdin: "old" })]);
  assert.match(await failUp([remote("a", { create: "echo old", update: "exit 1", stdin: "new" })]), /status 1/);
  const [state] = await resources(remoteType);
  assert.deepEqual((state!.outputs as Record<string, unknown>).stdin, "old");
  assert.deepEqual((await output("a")).stdout, "old");
});

test("changed triggers replace: create first, then the old delete", async () => {
  const log = scratch("log");
  const args = { create: `echo create >> ${log}`, update: `echo update >> ${log}`, delete: `echo delete >> ${log}` };
  await up([remote("a", { ...args, triggers: [1] })]);
  await up([remote("a", { ...args, triggers: [2] })]);
  assert.equal(read(log), "create\ncreate\ndelete\n");
});

test("a server that refuses connections is dialled as often as the limit says", async () => {
  const port = await freePort();
  const text = await failUp([remote("a", { create: "true" }, { port, dialErrorLimit: 2 })]);
  assert.ok(text.includes(`after 2 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`), text);
  assert.match(text, /Dial 1\/2 failed: retrying/);
});

test("a server that does not answer is given up after the dial's own timeout", async () => {
  // An address for documentation: nobody answers, though a network without a route says so at once.
  const connection = { host: "192.0.2.1", port: 22, dialErrorLimit: 0, perDialTimeout: 1 };
  const text = await failUp([remote("a", { create: "true" }, connection)]);
  assert.match(text, /after 0 failed attempts: dial tcp 192\.0\.2\.1:22: (i\/o timeout|connect: )/);
});

test("a server that appears while it is dialled gets its command", async () => {
  const late = await freePort();
  const wanted = remote("a", { create: "echo late" }, { port: late, dialErrorLimit: -1 });
  const running = up([wanted]);
  setTimeout(() => sshd.alsoListen(late), 3000);
  await running;
  assert.equal((await output("a")).stdout, "late");
});

test("the host key is checked where one is given", async () => {
  await up([remote("a", { create: "true" }, { hostKey: sshd.hostKey })]);
  const hostKey = sshd.hostKey.replace(/AAAA\S+/, sshd.read("client.pub").split(" ")[1]!);
  const text = await failUp([remote("b", { create: "true" }, { hostKey, dialErrorLimit: 0 })]);
  assert.match(text, /ssh: handshake failed: ssh: host key mismatch/);
  const other =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDBgyMEcGCPTDkLoMDT7pPoZHoGD7oyWuEB6MtTX9jYJYxYyMzYQpUJwrCdMUrpNVZTVYF6eXWj7Y1t";
  assert.match(await failUp([remote("b", { create: "true" }, { hostKey: "nonsense" })]), /failed to parse host key/);
  assert.match(await failUp([remote("b", { create: "true" }, { hostKey: other, dialErrorLimit: 0 })]), /host key/);
});

test("a key the server does not know is an authentication failure", async () => {
  const privateKey = { secret: sshd.read("host") };
  const text = await failUp([remote("a", { create: "true" }, { privateKey, dialErrorLimit: 0 })]);
  const reason = "unable to authenticate, attempted methods [none publickey], no supported methods remain";
  assert.ok(text.includes(`after 0 failed attempts: ssh: handshake failed: ssh: ${reason}`), text);
  assert.match(await failUp([remote("a", { create: "true" }, { privateKey: "nonsense" })]), /ssh: no key found/);
});

test("a key with a passphrase works with it, and says so without", async () => {
  const privateKey = { secret: await sshd.encryptedKey("a b'c") };
  await up([remote("a", { create: "true" }, { privateKey, privateKeyPassword: { secret: "a b'c" } })]);
  const text = await failUp([remote("b", { create: "true" }, { privateKey })]);
  assert.match(text, /ssh: this private key is passphrase protected/);
});

test("a server can be reached through another", async () => {
  const proxy = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  await up([remote("a", { create: "echo through" }, { proxy })]);
  assert.equal((await output("a")).stdout, "through");
});

test("a connection lost in the middle of a command is an error, and the command does not run again", async () => {
  const log = scratch("log");
  const cut = `echo begun >> ${log}; kill -9 $PPID; sleep 1`;
  const text = await failUp([remote("a", { create: cut })]);
  assert.match(text, /wait: remote command exited without exit status or exit signal: running/);
  assert.equal(read(log), "begun\n");
});

test("no secret is in clear in the state, in the output or in an argument of a process", async () => {
  const wanted = [
    remote("a", { create: "cat > /dev/null; ps -eo args", stdin: { secret: "hush-hush" } }),
    { name: "k", type: "key", args: { algorithm: "ED25519" } } as Wanted,
  ];
  const { stdout } = await up(wanted);
  const processes = await output("a");
  const state = JSON.stringify(await stack.exportState());
  const { keys } = (await stack.outputs({ showSecrets: true })) as { keys: Record<string, Record<string, string>> };
  const parts = [sshd.privateKey.split("\n")[2]!, "hush-hush", keys.k!.privateKeyOpenssh!.split("\n")[2]!];
  for (const part of parts) {
    for (const text of [stdout, processes.stdout!, state]) assert.ok(!text.includes(part), part);
  }
  assert.match(keys.k!.publicKeyOpenssh!, /^ssh-ed25519 AAAA\S+\n$/);
});

test("a made key logs in", async () => {
  const key = { name: "k", type: "key", args: { algorithm: "ED25519" } } as Wanted;
  await up([key]);
  const { keys } = (await stack.outputs({ showSecrets: true })) as { keys: Record<string, Record<string, string>> };
  sshd.alsoAccept(keys.k!.publicKeyOpenssh!);
  const connection = { privateKey: { of: "k", output: "privateKeyOpenssh" } };
  await up([key, remote("a", { create: "echo in" }, connection)]);
  assert.equal((await output("a")).stdout, "in");
});

test("random bytes are kept, until their length changes", async () => {
  const bytes = (length: number) => ({ name: "b", type: "bytes", args: { length } }) as Wanted;
  await up([bytes(32)]);
  const first = await output("b");
  assert.equal(Buffer.from(first.base64!, "base64").toString("hex"), first.hex);
  assert.match((await up([bytes(32)])).stdout, /2 unchanged/);
  await up([bytes(16)]);
  assert.equal((await output("b")).hex!.length, 32);
});

test("a preview shows what is known and runs nothing", async () => {
  const log = scratch("log");
  const bytes = { name: "b", type: "bytes", args: { length: 32 } } as Wanted;
  const wanted = (stdin: unknown) => [bytes, remote("a", { create: `echo ran >> ${log}`, stdin })];
  await stack.setConfig({ "commands:resources": wanted({ of: "b", output: "base64" }) });
  const first = await stack.preview({ diff: true });
  assert.match(first.stdout, /stdin +: \[unknown\]/);
  assert.match(first.stdout, /stdout: \[unknown\]/);
  assert.ok(!existsSync(log));
  await up(wanted("one\ntwo\n"));
  await stack.setConfig({ "commands:resources": wanted("one\nthree\n") });
  const second = await stack.preview({ diff: true });
  assert.match(second.stdout, /~ stdin: \n +one\n +- two\n +\+ three\n/);
  assert.equal(read(log), "ran\n");
});

test("a local command has its environment, directory and interpreter", async () => {
  const args = {
    create: "cat; echo $WORD; pwd; echo $0",
    stdin: "in\n",
    environment: { WORD: "word" },
    dir: directory,
    interpreter: ["/bin/bash", "-c"],
    delete: `echo "$PULUMI_COMMAND_STDOUT" > ${scratch("deleted")}`,
  };
  await up([{ name: "l", type: "local", args }]);
  assert.deepEqual(await output("l"), { stdout: `in\nword\n${directory}\n/bin/bash`, stderr: "" });
  const text = await failUp([
    { name: "l", type: "local", args },
    { name: "m", type: "local", args: { create: "exit 4" } },
  ]);
  assert.match(text, /exit status 4: running "exit 4":/);
  await stack.destroy();
  assert.match(read(scratch("deleted")), /^in\nword\n/);
});

test("a stand-in refuses by name what it does not have", async () => {
  if (engine.standIns.length < 3) return tell("official plugins: nothing to try");
  const connection = { host: "127.0.0.1", password: "x" };
  const refusals: Record<string, Wanted> = {
    "input environment": remote("a", { create: "true", environment: { A: "b" } }),
    "connection.password": { name: "a", type: "remote", args: { create: "true", connection } },
    "input assetPaths": { name: "a", type: "local", args: { create: "true", assetPaths: ["*"] } },
    "algorithm ED25519": { name: "a", type: "key", args: { algorithm: "RSA" } },
    "resource type random:index/randomPet:RandomPet": { name: "a", type: "pet", args: {} },
  };
  for (const [name, wanted] of Object.entries(refusals)) {
    await stack.setConfig({ "commands:resources": [wanted] });
    const { stdout } = await stack.preview({ allowFailure: true });
    assert.ok(stdout.includes(name), `${name}: ${stdout}`);
  }
});

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
