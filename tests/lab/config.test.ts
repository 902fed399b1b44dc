import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { Stack } from "../../lab/engine/stack";
import { hostKey } from "../sshKeys";
import { testEngine } from "./support";

// A stack's config as somebody writes it, in YAML, and what comes of it on its way through the CLI. Nothing is dialled.
let stack: Stack;
let empty: string;

beforeAll(async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-config-"));
  stack = new Stack({ engine: await testEngine(), name: "test", directory });
  await stack.setConfig({});
  empty = readFileSync(stack.configFile, "utf8").replace(/^config: .*$/m, "config:");
});
afterAll(() => stack?.remove());

const server1 = `{ address: 203.0.113.11, hostKey: ${hostKey} }`;

/** What a preview says of the mesh's settings in these lines of YAML. */
async function preview(...settings: string[]): Promise<string> {
  writeFileSync(stack.configFile, empty);
  for (const setting of settings) appendFileSync(stack.configFile, `  fakevpc:${setting}\n`);
  const { stdout, stderr } = await stack.preview({ allowFailure: true });
  return stdout + stderr;
}

test("a text in quotes keeps its letters, at the top and further in", async () => {
  const output = await preview(
    "presharedKeyVersion: '2026.10'",
    "reapply: '1e3'",
    `servers: { server1: { address: 203.0.113.11, hostKey: ${hostKey}, keyVersion: '007' } }`,
  );
  assert.match(output, /random:index:RandomPassword fakevpc-preshared-2026\.10 +create/);
  assert.match(output, /random:index:RandomPassword fakevpc-server1-private-007 +create/);
});

test("a text that YAML has changed is refused with the way to keep it", async () => {
  const output = await preview(
    "keyVersion: 2026-11-22",
    "servers: { server1: { address: 203.0.113.11, keyVersion: 2026.10, site: 7 } }",
  );
  const lines = output.split("\n").map((line) => line.trim().replace("error: ", ""));
  for (const line of [
    'keyVersion: "2026-11-22 00:00:00 +0000 UTC" is not a version: up to 40 letters, digits, dots, hyphens and underscores: put it in quotes',
    "servers.server1.keyVersion: 2026.1 is not a version: up to 40 letters, digits, dots, hyphens and underscores: put it in quotes",
    "servers.server1.site: 7 is not a name of up to 40 letters, digits, dots, hyphens and underscores: put it in quotes",
  ]) {
    assert.ok(lines.includes(line), output);
  }
});

test("an entry of nothing was not given", async () => {
  const output = await preview("domain:", "mtu: null", "services: ~", `servers: { server1: ${server1} }`);
  assert.match(output, /fakevpc:index:VpcServer fakevpc-server1 +create/);
});

test("what the provider can never do does not pass a preview", async () => {
  const output = await preview("servers: { server1: { address: 203.0.113.11, hostKey: 'ssh-rsa AAAAB3NzaC1yc2E=' } }");
  assert.match(output, /servers\.server1\.hostKey: .* `ssh-keyscan -t ed25519 /);
  assert.doesNotMatch(output, /VpcServer/);
  assert.doesNotMatch(output, /\n\s+at /, "a stack trace");
});
