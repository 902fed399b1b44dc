import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { privateKeyOf, publicKeyOf } from "../../mesh/keys";
import { type ServerFields, TestMesh } from "./support";

// Every secret that goes into a mesh or comes out of it, and every place where somebody could come across it.
let mesh: TestMesh;
let secrets: string[];
let output = "";

/** A key that server2 had before it came into this mesh. */
const given = privateKeyOf(Buffer.from("a key that was there already, 32").toString("base64"));
const names = ["server1", "server2"];

/** The text of the operator's private key as it can be found within another text. */
let sshKey: string;

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  const key = readFileSync(mesh.lab.keyFile, "utf8");
  sshKey = key.split("\n")[2]!;
  mesh.config.ssh = { secure: JSON.stringify({ privateKey: key, connectTimeout: 20 }) };
  mesh.config.servers.server2!.privateKey = given;
  await mesh.onAll(`${slower}; systemd-run --quiet --unit=sample sh -c '${sample}'`);
  await up();
  await mesh.onAll(`systemctl stop sample; cd /usr/local/sbin && rm ${slowed}`);
  const show = "wg show all private-key; wg show all preshared-keys";
  const keys = Object.values(await mesh.onAll(show)).flatMap((text) => text.match(/\S{43}=$/gm)!);
  // What the keys are made of.
  const { resources } = (await mesh.stack.exportState({ showSecrets: true })).deployment;
  const generated: { outputs: { result: { plaintext: string } } }[] = resources.filter(
    ({ type }: { type: string }) => type === "random:index/randomPassword:RandomPassword",
  );
  const sources = generated.map(({ outputs }) => JSON.parse(outputs.result.plaintext));
  secrets = [...new Set([sshKey, given, ...keys, ...sources])];
});
afterAll(() => mesh?.end());

/** Command lines and environments of all processes, many times a second. */
const sample = "while sleep 0.05; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done > /run/sample 2> /dev/null";

/** Programs that the steps start, each by a script that waits first, so that the samples miss none. */
const slowed = "flock cmp mv awk wg";
const script = '#!/bin/sh\\nsleep 0.1\\nexec /usr/bin/%s "$@"\\n';
const slower = `cd /usr/local/sbin && for name in ${slowed}; do printf '${script}' $name > $name && chmod 755 $name; done`;

/** An up with all that the CLI can tell, its servers encrypted in the config as their key is. */
async function up(options: { allowFailure?: boolean } = {}): Promise<string> {
  const { servers } = mesh.config;
  const secured = { secure: JSON.stringify(servers) } as unknown as Record<string, ServerFields>;
  mesh.config.servers = secured;
  try {
    const result = await mesh.up({ ...options, diff: true, withPreview: true, continueOnError: true });
    output += result.stdout + result.stderr;
    return result.stdout + result.stderr;
  } finally {
    mesh.config.servers = servers;
  }
}

function assertNoSecret(text: string): void {
  const found = secrets.findIndex((secret) => text.includes(secret));
  assert.equal(found, -1, `secret ${found} of ${secrets.length} is in the text`);
}

test("there is something to keep secret", () => {
  // The operator's key, a key of each server, the key of the pair, what the last and that of server1 come from.
  assert.equal(secrets.length, 6);
});

test("a key that a server had already is the one that it has in the mesh", async () => {
  assert.equal(await mesh.on("server2", "wg show vpcs public-key"), publicKeyOf(given));
  assert.ok(await mesh.pings("server1", "server2.vpcdomain"));
});

test("no secret is in a process list of a server during an up", async () => {
  for (const sampled of Object.values(await mesh.onAll("tr '\\0' ' ' < /run/sample"))) {
    assert.match(sampled, /host\.sh apply/, "the samples missed the step that brings the keys");
    assertNoSecret(sampled);
  }
});

test("no secret is in a server's journal", async () => {
  for (const journal of Object.values(await mesh.onAll("journalctl --no-pager"))) assertNoSecret(journal);
});

test("no secret is in an error, also when the step with the keys fails", async () => {
  // The file that the new keys are written to cannot be written.
  await mesh.on("server1", "mkdir /var/lib/fakevpc/vpc/keys.fakevpc");
  mesh.config.servers.server3 = { address: "198.51.100.99" };
  const text = await up({ allowFailure: true });
  delete mesh.config.servers.server3;
  await mesh.on("server1", "rmdir /var/lib/fakevpc/vpc/keys.fakevpc");
  assert.match(text, /keys\.fakevpc'?: Is a directory/);
  assertNoSecret(text);
});

test("no secret is in the CLI's output", () => {
  assert.match(output, /fakevpc-server2-mesh/);
  assertNoSecret(output);
});

test("no secret is in the state file in clear", async () => {
  const state = JSON.stringify(await mesh.stack.exportState());
  assert.match(state, /fakevpc-server2-mesh/);
  assertNoSecret(state);
  const directory = path.dirname(mesh.stack.configFile);
  const files = ["-r", "--binary-files=text", "-h", ".", path.join(directory, "backend"), mesh.stack.configFile];
  const { stdout } = await mesh.lab.run(["grep", ...files]);
  assert.match(stdout, /fakevpc-server2-mesh/);
  // Text within JSON has its line breaks and quotes escaped, but no secret here has any.
  assertNoSecret(stdout);
});
