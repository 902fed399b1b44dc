import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { fingerprintOf } from "../../cli/setup/hostKey";
import { packageFile } from "../../components/packageFile";
import { type Result, run } from "../../lab/process";
import { Lab } from "../../lab/servers/lab";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { testEngine } from "./support";

// What somebody does who has three servers and a clone in which "npm install" has run: nothing but these commands.
let lab: Lab;
let clone: string;
let env: NodeJS.ProcessEnv;
const configFile = () => path.join(clone, "stacks/Pulumi.prod.yaml");
const config = () => readFileSync(configFile(), "utf8");

beforeAll(async () => {
  const servers = ["server1", "server2", "home", "web"].map((name) => ({ name, packages: true, nat: name === "home" }));
  lab = await Lab.up({ servers });
  clone = mkdtempSync(path.join(tmpdir(), "fakevpc-clone-"));
  for (const name of readdirSync(packageFile())) {
    if (name !== "Pulumi.yaml" && name !== "stacks") symlinkSync(packageFile(name), path.join(clone, name));
  }
  copyFileSync(packageFile("Pulumi.yaml"), path.join(clone, "Pulumi.yaml"));
  mkdirSync(path.join(clone, "state"));
  const { env: engine } = await testEngine();
  env = { ...engine, PULUMI_BACKEND_URL: `file://${clone}/state`, PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
});

afterAll(async () => {
  await lab?.down();
  if (clone) rmSync(clone, { recursive: true, force: true });
});

/** A command of the operator's, in the clone. */
function operator(...argv: string[]): Promise<Result> {
  return run(lab.command(argv), { cwd: clone, env, allowFailure: true, timeout: 300_000 });
}

function fakevpc(...argv: string[]): Promise<Result> {
  return operator(process.execPath, packageFile("dist/cli/main.js"), ...argv);
}

async function succeeds(result: Promise<Result>): Promise<string> {
  const { code, stdout, stderr } = await result;
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

async function fails(result: Promise<Result>, message: RegExp): Promise<void> {
  const { code, stderr } = await result;
  assert.equal(code, 2);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, / {4}at /, "no stack trace");
}

/** `pulumi up`, until status finds so many servers and all of them well: a link that was tried too early takes seconds. */
async function up(servers: number): Promise<void> {
  await succeeds(operator("pulumi", "up", "--yes", "--non-interactive"));
  let last = "";
  const isWell = async () => {
    const { code, stdout, stderr } = await fakevpc("status");
    last = stdout + stderr;
    return code === 0 && stdout.includes(`${servers} servers`);
  };
  await waitUntil(isWell, 60, "a mesh that is well").catch((error: Error) => assert.fail(`${error.message}: ${last}`));
}

const places = () =>
  ["server1", "server2", "home"].flatMap((name) => ["--server", `${name}=${lab.server(name).address}`]);
const first = () => ["init", "--stack", "prod", ...places(), "--private", "home", "--identity", lab.keyFile, "--yes"];

test("init with --yes believes no host key, and takes none but the one that was said", async () => {
  await fails(fakevpc(...first()), /^fakevpc: the host key of server1 is SHA256:\S+: compare it .* --accept-host-keys/);
  const other = `server1=${fingerprintOf(lab.server("server2").hostKey)}`;
  await fails(fakevpc(...first(), "--host-key", other), /server1 shows another host key than --host-key says/);
  assert.ok(!readdirSync(clone).includes("stacks"), "nothing was written");
});

test("init says which server does not let anybody in, and writes nothing", async () => {
  const place = ["--server", `server1=nobody@${lab.server("server1").address}`];
  await fails(
    fakevpc("init", "--stack", "prod", ...place, "--identity", lab.keyFile, "--yes", "--accept-host-keys"),
    /server1 does not let nobody in by SSH at \S+ port 22: .*Permission denied/,
  );
  assert.ok(!readdirSync(clone).includes("stacks"));
});

test("from three servers and nothing else to a mesh that is well, without an editor", async () => {
  const keys = ["server1", "server2"].map((name) => `${name}=${fingerprintOf(lab.server(name).hostKey)}`);
  keys.push(`home=${lab.server("home").hostKey}`);
  const said = await succeeds(fakevpc(...first(), ...keys.flatMap((key) => ["--host-key", key])));
  assert.match(
    said,
    /stacks\/Pulumi\.prod\.yaml is written, with server1, server2, home\. Next: "npx fakevpc check", then "pulumi up"/,
  );
  for (const name of ["server1", "server2", "home"]) assert.ok(config().includes(lab.server(name).hostKey), name);
  assert.match(await succeeds(fakevpc("check")), /all is well/);
  await up(3);
  await fails(fakevpc(...first(), "--accept-host-keys"), /has servers already: "npx fakevpc add" adds one/);
});

test("add and remove edit the config, and the mesh follows", async () => {
  const before = config();
  const place = lab.server("web").address;
  await fails(fakevpc("add", "web", place), /the host key of web is SHA256/);
  await fails(fakevpc("add", "web", lab.server("server1").address, "--accept-host-keys"), /SSH address of server1 too/);
  await fails(fakevpc("add", "web", place, "--index", "1", "--accept-host-keys"), /1 is the index of server1 too/);
  assert.equal(config(), before);
  assert.match(await succeeds(fakevpc("add", "web", place, "--accept-host-keys")), /web is in it, with the index 3/);
  await up(4);
  assert.match(
    await succeeds(fakevpc("remove", "web")),
    /web is gone from it\. Next: "pulumi up", which clears the server/,
  );
  assert.equal(config(), before);
  await up(3);
});

test("a dead server is retired, and gone once its peers know", async () => {
  await lab.server("server2").off({ hard: true });
  assert.match(await succeeds(fakevpc("remove", "server2")), /server2 is retired in it/);
  await fails(fakevpc("remove", "server2"), /server2 is retired in the config, but not yet by an up/);
  await up(2);
  await succeeds(fakevpc("remove", "server2"));
  assert.doesNotMatch(config(), /server2/);
  await up(2);
});

test("a program's own stack is told so", async () => {
  const own = mkdtempSync(path.join(tmpdir(), "fakevpc-own-"));
  afterThis(() => rmSync(own, { recursive: true }));
  for (const name of ["Pulumi.yaml", "index.ts"]) copyFileSync(packageFile("examples/vms", name), path.join(own, name));
  const there = (...argv: string[]) =>
    run([process.execPath, packageFile("dist/cli/main.js"), ...argv], { cwd: own, env, allowFailure: true });
  await fails(there("init", "--yes", "--stack", "prod"), /does not read its servers from a stack's config/);
  await fails(there("add", "web", "203.0.113.9", "--stack", "prod"), /config has no "\S+:servers"/);
});
