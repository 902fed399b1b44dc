import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "@jest/globals";
import { tell } from "../after";
import {
  directory,
  engine,
  failUp,
  output,
  read,
  remote,
  remoteType,
  resources,
  scratch,
  sshd,
  stack,
  up,
} from "./commands";
import type { Wanted } from "./programs/commands/index";

// The same tests pass with the official provider plugins on PATH, except where one says "stand-in".

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
