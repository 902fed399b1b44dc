import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type FakeVpcArgs } from "../../components";
import { CheckedArgs } from "../../components/checkedArgs";
import { run } from "../../lab/process";
import { afterThis } from "../after";
import { hostKeyOf, sshKey } from "../sshKeys";
import { args, problemsOf, server1 } from "./arguments";
import { runProgram, settled } from "./mocks";

// What is on the machine of whoever runs Pulumi: key files, certificates, an ssh-agent.
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-args-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a program with these arguments is warned of, once the ssh-agent was looked at, too. */
async function warningsOf(given: unknown, agent = ""): Promise<string[]> {
  const before = process.env.SSH_AUTH_SOCK;
  afterThis(() => {
    if (before === undefined) delete process.env.SSH_AUTH_SOCK;
    else process.env.SSH_AUTH_SOCK = before;
  });
  process.env.SSH_AUTH_SOCK = agent;
  const { warnings } = await runProgram(async () => {
    const checked = new CheckedArgs(given as FakeVpcArgs);
    await settled(checked.sshOf("server1").host);
  });
  return warnings;
}

async function newKey(...options: string[]): Promise<string> {
  const file = path.join(mkdtempSync(path.join(directory, "key-")), "key");
  await run(["ssh-keygen", ...["-q", "-t", "ed25519", "-f", file, "-N", ...options]]);
  return file;
}

test("a key file that cannot open a server is a problem, and so is what stands beside it", async () => {
  const [plain, encrypted] = [await newKey(""), await newKey("a secret")];
  const bare = path.join(directory, "bare");
  writeFileSync(bare, "hello\n");
  const told = async (ssh: object) => (await problemsOf(args({ ssh }))).join("\n");
  assert.equal(await told({ privateKeyFile: plain }), "");
  assert.match(
    await told({ privateKeyFile: bare }),
    /^ssh\.privateKeyFile: ".*bare" holds no private key: give one as/,
  );
  assert.match(await told({ privateKeyFile: `${plain}.pub` }), /^ssh\.privateKeyFile: ".*key\.pub" holds a public key/);
  assert.match(
    await told({ privateKeyFile: encrypted }),
    /^ssh\.privateKeyFile: ".*" is encrypted: give privateKeyPassphrase/,
  );
  assert.match(
    await told({ privateKeyFile: plain, privateKeyPassphrase: "a secret" }),
    /^ssh\.privateKeyFile: ".*" is not encrypted/,
  );
  assert.equal(await told({ privateKeyFile: encrypted, privateKeyPassphrase: "a secret" }), "");
  assert.equal(
    await told({ privateKeyFile: encrypted, privateKeyPassphrase: "another" }),
    "ssh.privateKeyPassphrase: (secret) is not the passphrase of the key beside it",
  );
  assert.match(
    await told({ privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\n" }),
    /^ssh\.privateKey: \(secret\) is cut/,
  );
});

test("a key that opens nothing is not looked at", async () => {
  const own = { ...server1, sshPrivateKey: sshKey };
  const gone = { address: "203.0.113.12", retired: true, sshPrivateKeyFile: "/nowhere/key" };
  const ssh = { privateKeyFile: "/nowhere/key" };
  assert.deepEqual(await problemsOf({ servers: { server1: own, server2: gone }, ssh }), []);
});

test("a wrong passphrase is found where ssh-keygen is, asked once for all servers, and never on a command line", async () => {
  const calls = path.join(directory, "calls");
  const real = (await run(["sh", "-c", "command -v ssh-keygen"])).stdout.trim();
  const counting = path.join(directory, "ssh-keygen");
  writeFileSync(counting, `#!/bin/sh\necho "$@" >> ${calls}\nexec ${real} "$@"\n`);
  chmodSync(counting, 0o755);
  const before = process.env.PATH;
  afterThis(() => {
    process.env.PATH = before;
  });
  const servers = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [
      `server${at + 1}`,
      { address: `203.0.113.${at + 1}`, hostKey: hostKeyOf(at) },
    ]),
  );
  const ssh = { privateKeyFile: await newKey("open sesame"), privateKeyPassphrase: "not this one" };

  process.env.PATH = "/nowhere";
  assert.deepEqual(await problemsOf({ servers, ssh: { ...ssh, privateKeyPassphrase: "nor this one" } }), []);
  process.env.PATH = `${directory}:${before}`;
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await problemsOf({ servers, ssh }), [
      "ssh.privateKeyPassphrase: (secret) is not the passphrase of the key beside it",
    ]);
  }
  const asked = readFileSync(calls, "utf8").trim().split("\n");
  assert.equal(asked.length, 1);
  assert.ok(!asked[0]!.includes("not this one"));
});

test("keys that are outputs are checked once they are known, before their server is dialled", async () => {
  const encrypted = readFileSync(await newKey("a secret"), "utf8");
  const wrong = async (server: object, ssh: object) => {
    let message = "";
    await runProgram(async () => {
      const checked = new CheckedArgs({ servers: { server1: { ...server1, ...server } }, ssh } as FakeVpcArgs);
      await settled(checked.sshOf("server1").host).catch((error: Error) => {
        message = error.message;
      });
    });
    return message;
  };
  const secret = (text: string) => pulumi.secret(text);
  assert.equal(await wrong({ sshPrivateKey: secret(sshKey) }, {}), "");
  assert.match(
    await wrong({ sshPrivateKey: secret("hello") }, {}),
    /^servers\.server1\.sshPrivateKey: \(secret\) is not a private/,
  );
  assert.match(await wrong({}, { privateKey: secret(encrypted) }), /^ssh\.privateKey: \(secret\) is encrypted: give/);
  const both = { privateKey: secret(encrypted), privateKeyPassphrase: secret("another") };
  assert.match(
    await wrong({}, both),
    /^ssh\.privateKeyPassphrase: \(secret\) is not the passphrase of the key beside it/,
  );
});

test("a certificate beside a key file is worth a warning", async () => {
  const key = await newKey("");
  writeFileSync(`${key}-cert.pub`, "ssh-ed25519-cert-v01@openssh.com AAAA\n");
  const { warnings } = await runProgram(() => new FakeVpc("mesh", args({ ssh: { privateKeyFile: key } })));
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /ssh\.privateKeyFile: ".*-cert\.pub" lies beside it: ssh shows this certificate too, the provider/,
  );
});

/** An ssh-agent that answers with so many keys. */
async function agentWith(keys: number): Promise<string> {
  const socket = path.join(mkdtempSync(path.join(directory, "agent-")), "socket");
  const server = createServer((peer) => {
    peer.on("data", () => peer.write(Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, keys])));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  afterThis(() => void server.close());
  return socket;
}

test("an ssh-agent that is not there is worth a warning, a given key or not; one that is there is not", async () => {
  const stale = path.join(directory, "stale.sock");
  const [warning] = await warningsOf(args(), stale);
  assert.ok(warning?.includes(`SSH_AUTH_SOCK names ${stale}, where no ssh-agent answers (ENOENT)`), warning);
  assert.match(warning!, /or run `unset SSH_AUTH_SOCK`/);
  assert.deepEqual(await warningsOf(args()), []);
  assert.deepEqual(await warningsOf(args(), await agentWith(0)), []);
  assert.deepEqual(await warningsOf(args({ ssh: {} }), await agentWith(2)), []);
});

test("an ssh-agent that has no key, or too many, is worth a warning where no other key is given", async () => {
  assert.match((await warningsOf(args({ ssh: {} })))[0]!, /there is no SSH key: .* SSH_AUTH_SOCK names no ssh-agent/);
  assert.match(
    (await warningsOf(args({ ssh: {} }), await agentWith(0)))[0]!,
    /there is no SSH key: the ssh-agent holds none/,
  );
  assert.match((await warningsOf(args({ ssh: {} }), await agentWith(9)))[0]!, /the ssh-agent holds 9 keys/);
});
