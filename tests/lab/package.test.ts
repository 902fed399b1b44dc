import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { run } from "../../lab/process";
import { Lab } from "../../lab/servers/lab";
import { Hoster } from "./hoster";
import { testEngine } from "./support";

const repository = packageFile();
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-package-"));
const program = path.join(directory, "program");

/** The package as npm packs it. */
let packed: { filename: string; files: { path: string }[] };

beforeAll(async () => {
  const pack = ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", directory];
  packed = JSON.parse((await run(pack, { cwd: repository })).stdout)[0];

  cpSync(path.join(repository, "tests/lab/programs/consumer"), program, { recursive: true });
  // The versions of Pulumi's packages are the ones whose plugins are at hand.
  const names = ["@pulumi/pulumi", "@pulumi/command", "@pulumi/random", "@pulumi/tls"];
  const versions = Object.fromEntries(names.map((name) => [name, require(`${name}/package.json`).version]));
  const dependencies = { ...versions, fakevpc: `file:${path.join(directory, packed.filename)}` };
  writeFileSync(path.join(program, "package.json"), JSON.stringify({ name: "consumer", private: true, dependencies }));
  await run(["npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: program });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the package holds what was compiled of its sources, the host program, the command, and nothing else", () => {
  const sources = ["cli", "components", "graph", "mesh"].flatMap((name) => {
    const files = readdirSync(path.join(repository, name), { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".ts")).map((file) => `${name}/${file.slice(0, -3)}`);
  });
  const compiled = sources.flatMap((source) => [`dist/${source}.d.ts`, `dist/${source}.js`]);
  // Texts that are read or started at run time lie beside what uses them.
  const asTheyAre = ["cli", "components"].flatMap((name) => {
    const files = readdirSync(path.join(repository, name), { recursive: true, encoding: "utf8" });
    return files.filter((file) => /\.(css|js|pl|sh)$/.test(file)).map((file) => `${name}/${file}`);
  });
  const host = ["awk", "launch", "parts", "units"].flatMap((folder) =>
    readdirSync(path.join(repository, "host", folder)).map((file) => `host/${folder}/${file}`),
  );
  const expected = [...compiled, ...asTheyAre, ...host, "LICENSE", "README.md", "package.json"];
  const actual = packed.files.map((file) => file.path);
  const missing = expected.filter((file) => !actual.includes(file));
  const unexpected = actual.filter((file) => !expected.includes(file));
  assert.deepEqual({ missing, unexpected }, { missing: [], unexpected: [] });
});

test("publint finds nothing in it, and npm would publish it as it is", async () => {
  const publint = path.join(path.dirname(require.resolve("publint")), "cli.js");
  const { stdout } = await run(["node", publint, "run", path.join(directory, packed.filename)], { cwd: directory });
  assert.match(stdout, /All good!/);

  const { stderr } = await run(["npm", "publish", "--dry-run", "--ignore-scripts"], { cwd: repository });
  const warnings = stderr.split("\n").filter((line) => line.startsWith("npm warn"));
  // Without a login, which a dry run does not need.
  assert.deepEqual(Array.from(warnings.filter((line) => !line.includes("requires you to be logged in"))), []);
});

test("a release's archive of the plugin installs the package, and is the plugin", async () => {
  const archives = path.join(directory, "archives");
  await run(["sh", path.join(repository, "scripts/plugin-archive.sh"), archives]);
  const { version } = require(path.join(repository, "package.json"));
  const plugin = path.join(directory, "plugin");
  mkdirSync(plugin);
  const archive = `pulumi-resource-fakevpc-v${version}-linux-amd64.tar.gz`;
  await run(["tar", "-xzf", path.join(archives, archive), "-C", plugin]);
  // The package is not in a registry yet, so its dependency is this one's file.
  const manifest = path.join(plugin, "package.json");
  const contents = JSON.parse(readFileSync(manifest, "utf8"));
  assert.equal(contents.dependencies.fakevpc, version);
  contents.dependencies.fakevpc = `file:${path.join(directory, packed.filename)}`;
  writeFileSync(manifest, JSON.stringify(contents));

  const { env } = await testEngine();
  const executable = path.join(plugin, "pulumi-resource-fakevpc");
  const { stdout } = await run(["pulumi", "package", "get-schema", executable], { env });
  assert.equal(JSON.parse(stdout).version, version);
});

test("programs in plain JavaScript find it, of both kinds of module and from any directory", async () => {
  const script = path.join(program, "import.mjs");
  const lines = [
    'import { DeployKey, FakeVpc } from "fakevpc";',
    'import { createRequire } from "node:module";',
    'const required = createRequire(import.meta.url)("fakevpc");',
    "console.log(DeployKey === required.DeployKey && FakeVpc === required.FakeVpc, typeof FakeVpc);",
  ];
  writeFileSync(script, lines.join("\n"));
  assert.equal((await run(["node", script], { cwd: "/" })).stdout, "true function\n");
});

test("programs in TypeScript have its types, whatever their tsconfig", async () => {
  const settings = [
    { module: "commonjs", moduleResolution: "node10", source: "typed.ts" },
    { module: "node16", moduleResolution: "node16", source: "typed.ts" },
    { module: "node16", moduleResolution: "node16", source: "typed.mts" },
    { module: "esnext", moduleResolution: "bundler", source: "typed.ts" },
  ];
  const compile = async ({ source, ...modules }: (typeof settings)[number], at: number) => {
    const typed = path.join(program, `typed${at}`);
    mkdirSync(typed);
    copyFileSync(path.join(repository, "tests/lab/programs/consumer/typed.ts"), path.join(typed, source));
    const compilerOptions = {
      ...modules,
      target: "es2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: source !== "typed.mts", // once is enough, and takes its time
      noEmit: true,
      typeRoots: [path.join(repository, "node_modules/@types")],
    };
    writeFileSync(path.join(typed, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [source] }));
    await run(["node", require.resolve("typescript/bin/tsc"), "-p", typed]);
  };
  await Promise.all(settings.map(compile));
});

test("pulumi new makes a project of the template that joins two servers", async () => {
  const lab = await Lab.up({ servers: ["server1", "server2"].map((name) => ({ name, packages: true })) });
  try {
    const template = path.join(directory, "template");
    cpSync(path.join(repository, "template"), template, { recursive: true });
    const manifest = path.join(template, "package.json");
    const contents = JSON.parse(readFileSync(manifest, "utf8"));
    contents.dependencies = JSON.parse(readFileSync(path.join(program, "package.json"), "utf8")).dependencies;
    writeFileSync(manifest, JSON.stringify(contents));

    const project = path.join(directory, "my-mesh");
    mkdirSync(project);
    mkdirSync(path.join(directory, "state"));
    const { env } = await testEngine();
    const own = { PULUMI_BACKEND_URL: `file://${directory}/state`, PULUMI_CONFIG_PASSPHRASE: "test" };
    const pulumi = (...argv: string[]) => ["pulumi", "-C", project, "--non-interactive", ...argv];
    const inPlace = { env: { ...env, ...own } };
    const addresses = Object.fromEntries(lab.servers.map(({ name, address }) => [name, address]));
    const config = { ...addresses, privateKeyFile: lab.keyFile };
    const answers = Object.entries(config).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    await run(pulumi("new", template, "--yes", "--name", "my-mesh", "--stack", "dev", ...answers), inPlace);
    await run(lab.command(pulumi("up", "--yes", "--skip-preview", "--stack", "dev")), inPlace);
    for (const server of lab.servers) await server.exec(["ping", "-c", "1", "-w", "10", "server2.vpcdomain"]);
  } finally {
    await lab.down();
  }
});

test("the command comes with it", async () => {
  const { stdout } = await run([path.join(program, "node_modules/.bin/fakevpc"), "--help"], { cwd: "/" });
  assert.match(stdout, /^fakevpc status/m);
});

test("one `pulumi up` creates servers and makes them a mesh; destroy gives them back", async () => {
  const hoster = await Hoster.open();
  try {
    const stack = new Stack({
      engine: hoster.knownTo(await testEngine()),
      name: "test",
      directory: path.join(directory, "stack"),
      program,
      command: (argv) => hoster.command(argv),
    });
    await stack.up();

    const { servers } = (await stack.outputs()) as { servers: Record<string, { endpoint: string }> };
    const ordered = await hoster.servers();
    assert.deepEqual(
      Object.values(servers).map(({ endpoint }) => endpoint),
      ordered.map(({ address }, at) => `${address}:${51821 + at}`),
    );
    for (const from of ordered) {
      for (const to of Object.keys(servers)) {
        await from.exec(["ping", "-c", "1", "-w", "10", `${to}.vpcdomain`]);
      }
    }

    await stack.destroy();
    assert.deepEqual(await hoster.servers(), []);
    assert.deepEqual((await stack.exportState()).deployment.resources ?? [], []);
  } finally {
    await hoster.close();
  }
});
