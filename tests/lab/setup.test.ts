import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { fingerprintOf } from "../../cli/setup/hostKey";
import { packageFile } from "../../components/packageFile";
import { Lab } from "../../lab/servers/lab";
import { afterThis } from "../after";
import { Clone, fails, succeeds } from "./clone";

// What somebody does who has servers and a clone in which "npm install" has run: nothing but these commands.
let lab: Lab;
let clone: Clone;

beforeAll(async () => {
  const servers = ["server1", "server2", "home", "web"].map((name) => ({ name, packages: true, nat: name === "home" }));
  lab = await Lab.up({ servers });
  clone = await Clone.make(lab);
});

afterAll(async () => {
  await lab?.down();
  clone?.remove();
});

const places = () =>
  ["server1", "server2", "home"].flatMap((name) => ["--server", `${name}=${lab.server(name).address}`]);
const first = () => ["init", "--stack", "prod", ...places(), "--private", "home", "--identity", lab.keyFile, "--yes"];

test("init with --yes believes no host key, and takes none but the one that was said", async () => {
  await fails(
    clone.fakevpc(...first()),
    /^fakevpc: the host key of server1 is SHA256:\S+: compare it .* --accept-host-keys/,
  );
  const other = `server1=${fingerprintOf(lab.server("server2").hostKey)}`;
  await fails(clone.fakevpc(...first(), "--host-key", other), /server1 shows another host key than --host-key says/);
  assert.ok(!clone.hasConfig, "nothing was written");
});

test("init says which server does not let anybody in, and writes nothing", async () => {
  const place = ["--server", `server1=nobody@${lab.server("server1").address}`];
  await fails(
    clone.fakevpc("init", "--stack", "prod", ...place, "--identity", lab.keyFile, "--yes", "--accept-host-keys"),
    /server1 does not let nobody in by SSH at \S+ port 22: .*Permission denied/,
  );
  assert.ok(!clone.hasConfig);
});

/** `init` at a terminal, with what is typed after each question. */
async function typed(...talk: [question: string, answer: string][]) {
  const argv = ["python3", packageFile("tests/lab/programs/answers.py"), ...talk.flat(), "--"];
  const { code, stdout } = await clone.run([...argv, process.execPath, packageFile("dist/cli/main.js"), "init"]);
  return { code, shown: stdout };
}

test("at a terminal, init asks for what it needs, and once more for what makes no sense", async () => {
  const [server1, home] = [lab.server("server1"), lab.server("home")];
  const { code, shown } = await typed(
    ["Stack, one environment with one mesh [prod]: ", "asked\n"],
    ["User that SSH logs in as", "\n"],
    ["Private key", `${lab.keyFile}\n`],
    ["Name of a server [server1]: ", "\n"],
    ["Where SSH reaches it", "::what::\n"],
    ['"::what::" is not [USER@]ADDRESS[:PORT]', ""],
    ["Where SSH reaches it", `${server1.address}\n`],
    ["Is it at home", "\n"],
    ["One more? [Y/n] ", "\n"],
    ["Name of a server [server2]: ", "home\n"],
    ["Where SSH reaches it", `${home.address}\n`],
    ["Is it at home", "y\n"],
    ["One more? [Y/n] ", "n\n"],
    [`shows the host key ${fingerprintOf(server1.hostKey)}. Is it that server's? [y/N] `, "y\n"],
    [`shows the host key ${fingerprintOf(home.hostKey)}. Is it that server's? [y/N] `, "yes\n"],
  );
  assert.equal(code, 0, shown);
  assert.match(shown, /stacks\/Pulumi\.asked\.yaml is written, with server1, home\./);
  const config = readFileSync(path.join(clone.directory, "stacks/Pulumi.asked.yaml"), "utf8");
  for (const { hostKey, address } of [server1, home]) {
    assert.ok(config.includes(hostKey) && config.includes(address), config);
  }
  assert.match(config, /home:[\s\S]*public: false/);
});

test("an init that nobody answers any more says that it wrote nothing", async () => {
  for (const key of ["\u0003", "\u0004"]) {
    const { code, shown } = await typed(["Stack, one environment", key]);
    assert.match(shown, /fakevpc: no answer was given: nothing is written/);
    assert.equal(code, 2);
  }
});

test("from three servers and nothing else to a mesh that is well, without an editor", async () => {
  const keys = ["server1", "server2"].map((name) => `${name}=${fingerprintOf(lab.server(name).hostKey)}`);
  keys.push(`home=${lab.server("home").hostKey}`);
  const said = await succeeds(clone.fakevpc(...first(), ...keys.flatMap((key) => ["--host-key", key])));
  assert.match(
    said,
    /stacks\/Pulumi\.prod\.yaml is written, with server1, server2, home\. Next: "npx fakevpc check", then "pulumi up"/,
  );
  for (const name of ["server1", "server2", "home"]) assert.ok(clone.config.includes(lab.server(name).hostKey), name);
  assert.match(await succeeds(clone.fakevpc("check")), /all is well/);
  await clone.up(3);
  await fails(clone.fakevpc(...first(), "--accept-host-keys"), /has servers already: "npx fakevpc add" adds one/);
});

test("add and remove edit the config, and the mesh follows", async () => {
  const before = clone.config;
  const place = lab.server("web").address;
  await fails(clone.fakevpc("add", "web", place), /the host key of web is SHA256/);
  await fails(
    clone.fakevpc("add", "web", lab.server("server1").address, "--accept-host-keys"),
    /SSH address of server1 too/,
  );
  await fails(
    clone.fakevpc("add", "web", place, "--index", "1", "--accept-host-keys"),
    /1 is the index of server1 too/,
  );
  assert.equal(clone.config, before);
  assert.match(
    await succeeds(clone.fakevpc("add", "web", place, "--accept-host-keys")),
    /web is in it, with the index 3/,
  );
  await clone.up(4);
  assert.match(
    await succeeds(clone.fakevpc("remove", "web")),
    /web is gone from it\. Next: "pulumi up", which clears the server/,
  );
  assert.equal(clone.config, before);
  await clone.up(3);
});

test("a dead server is retired, and gone once its peers know", async () => {
  await lab.server("server2").off({ hard: true });
  assert.match(await succeeds(clone.fakevpc("remove", "server2")), /server2 is retired in it/);
  await fails(clone.fakevpc("remove", "server2"), /server2 is retired in the config, but not yet by an up/);
  await clone.up(2);
  await succeeds(clone.fakevpc("remove", "server2"));
  assert.doesNotMatch(clone.config, /server2/);
  await clone.up(2);
});

test("a program's own stack is told so", async () => {
  const own = mkdtempSync(path.join(tmpdir(), "fakevpc-own-"));
  afterThis(() => rmSync(own, { recursive: true }));
  for (const name of ["Pulumi.yaml", "index.ts"]) copyFileSync(packageFile("examples/vms", name), path.join(own, name));
  const there = (...argv: string[]) => clone.fakevpcIn(own, ...argv);
  await fails(there("init", "--yes", "--stack", "prod"), /does not read its servers from a stack's config/);
  await fails(there("add", "web", "203.0.113.9", "--stack", "prod"), /config has no "\S+:servers"/);
});
