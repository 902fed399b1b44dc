import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { endSession, run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { failUp, listen, output, remote, scratch, sshd, up } from "./commands";
import type { Wanted } from "./programs/commands/index";
import { freePort } from "./sshd";

// How remote Commands connect. The same tests pass with the official provider plugins on PATH.

const [, table] = readFileSync(packageFile("docs/operations.md"), "utf8").split("| The line has | Try |\n");
const rows = table!.split("\n\n")[0]!.split("\n").slice(1);

/** The rows of the remedies' table whose words are in what an up said. */
function remedies(said: string): string[] {
  const words = (row: string) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
  return rows.filter((row) => words(row).some((word) => said.includes(word))).map((row) => row.split("|")[2]!.trim());
}

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
  assert.match(await failUp([remote("b", { create: "true" }, { hostKey: "nonsense" })]), /failed to parse host key/);
});

test("a host key of type ssh-rsa never matches, though it is the server's own", async () => {
  const connection = { hostKey: sshd.rsaHostKey, dialErrorLimit: 0 };
  const text = await failUp([remote("a", { create: "true" }, connection)]);
  assert.match(text, /ssh: no common algorithm for host key; we offered: \[ssh-rsa\], peer offered: \[.*rsa-sha2-512/);
});

test("an agent's socket that leads nowhere fails a command at once, also one with a key", async () => {
  const socket = scratch("agent");
  const wanted = [remote("a", { create: "true" }, { dialErrorLimit: -1 })];
  const { code, stdout, stderr } = await up(wanted, { allowFailure: true, env: { SSH_AUTH_SOCK: socket } });
  assert.notEqual(code, 0);
  assert.ok((stdout + stderr).includes(`dial unix ${socket}: connect: no such file or directory`), stdout + stderr);
});

test("a server that accepts and says nothing hangs, whatever the limits, until the second interrupt", async () => {
  const { port, connections } = await listen(() => {});
  let pid = 0;
  let text = "";
  let ended = false;
  const connection = { port, dialErrorLimit: 0, perDialTimeout: 1 };
  const options = {
    allowFailure: true,
    onStart: (started: number) => {
      pid = started;
    },
    onOutput: (piece: string) => {
      text += piece;
    },
  };
  const running = up([remote("a", { create: "true" }, connection)], options).finally(() => {
    ended = true;
  });
  afterThis(() => endSession(pid));
  await waitUntil(async () => connections.length > 0, 120, "a connection");
  await delay(5000); // five times what a dial may take
  process.kill(pid, "SIGINT");
  await waitUntil(async () => /press \^C again/.test(text), 60, "the first interrupt");
  await delay(5000);
  assert.equal(ended, false, text);
  process.kill(pid, "SIGINT");
  assert.notEqual((await running).code, 0);
});

test("behind a proxy a failed handshake is not tried on a new connection", async () => {
  const { port, connections } = await listen((socket) => socket.destroy());
  const proxy = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  const text = await failUp([remote("a", { create: "true" }, { port, proxy, dialErrorLimit: 2 })]);
  assert.match(text, /after 2 failed attempts: ssh: handshake failed: EOF/);
  assert.equal(connections.length, 1);
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

test("of each failure there is one row in the table of remedies", async () => {
  const proxy = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  const encrypted = { secret: await sshd.encryptedKey("a b'c") };
  const [port, reset] = [await freePort(), await listen((socket) => socket.resetAndDestroy())];
  const foreign = sshd.hostKey.replace(/AAAA\S+/, sshd.read("client.pub").split(" ")[1]!);
  const cases: Record<string, [words: RegExp, connection: Wanted["args"], create?: string]> = {
    refused: [/is it up/, { port }],
    behind: [/the bastion answers/, { port, proxy }],
    cut: [/a limit/, { port: reset.port }],
    stranger: [/authorized_keys/, { privateKey: { secret: sshd.read("host") } }],
    encrypted: [/give `privateKeyPassphrase`/, { privateKey: encrypted }],
    wrong: [/another key's/, { privateKey: encrypted, privateKeyPassword: { secret: "wrong" } }],
    needless: [/leave out/, { privateKeyPassword: { secret: "none needed" } }],
    nonsense: [/no private key/, { privateKey: "nonsense" }],
    rsa: [/of a type/, { hostKey: sshd.rsaHostKey }],
    foreign: [/installed anew/, { hostKey: foreign }],
    gone: [/is it up again/, {}, "kill -9 $PPID"],
  };
  const wanted = Object.entries(cases).map(([name, [, connection, create = "true"]]) =>
    remote(name, { create }, { dialErrorLimit: 0, ...connection }),
  );
  const { stdout, stderr } = await up(wanted, { allowFailure: true, continueOnError: true });
  const [, diagnostics] = (stdout + stderr).split("Diagnostics:");
  for (const [name, [words]] of Object.entries(cases)) {
    const said = diagnostics!.split("command:remote:Command (").find((each) => each.startsWith(`${name})`)) ?? "";
    assert.equal(remedies(said).length, 1, `${name}: ${diagnostics}`);
    assert.match(remedies(said)[0]!, words, name);
  }
});

test("an agent with more keys than the server lets one try has its own words", async () => {
  const socket = scratch("agent");
  const { stdout } = await run(["ssh-agent", "-a", socket]);
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)![1]);
  afterThis(() => process.kill(pid));
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (let at = 0; at < 7; at++) {
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch(`key${at}`)]);
    await run(["ssh-add", "-q", scratch(`key${at}`)], { env });
  }
  const connection = { host: "127.0.0.1", port: sshd.port, dialErrorLimit: 0 };
  const wanted: Wanted = { name: "a", type: "remote", args: { create: "true", connection } };
  const { code, stdout: said, stderr } = await up([wanted], { allowFailure: true, env: { SSH_AUTH_SOCK: socket } });
  assert.notEqual(code, 0);
  assert.match(said + stderr, /ssh: handshake failed: ssh: disconnect, reason 2: Too many authentication failures/);
  assert.match(remedies(said + stderr).join("\n"), /^the ssh-agent offers more keys/);
});

test("a server can be reached through another", async () => {
  const proxy = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  await up([remote("a", { create: "echo through" }, { proxy })]);
  assert.equal((await output("a")).stdout, "through");
});
