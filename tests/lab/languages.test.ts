import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import type { Engine } from "../../lab/engine/engine";
import { generatePackage } from "../../lab/engine/generated";
import { findOnPath } from "../../lab/engine/programs";
import { withPython } from "../../lab/engine/python";
import { Stack } from "../../lab/engine/stack";
import { withYaml } from "../../lab/engine/yaml";
import { run } from "../../lab/process";
import { Lab } from "../../lab/servers/lab";
import { testEngine } from "./support";

/** Stands for the repository: the examples are copies, into which Pulumi would install what they need. */
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-languages-"));
const log = (line: string) => process.stderr.write(`${line}\n`);
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.up({ servers: ["server1", "server2"].map((name) => ({ name, packages: true })) });
  for (const shared of ["plugin", "node_modules"]) symlinkSync(packageFile(shared), path.join(directory, shared));
});

afterAll(async () => {
  await lab?.down();
  rmSync(directory, { recursive: true, force: true });
});

/** A copy of an example as a user has it once `pulumi install` is through. */
function installed(language: string): string {
  const program = path.join(directory, "examples", language);
  cpSync(packageFile("examples", language), program, { recursive: true });
  return program;
}

/** A stack of an example, whose config names the lab's servers as its README says. */
async function exampleStack(language: string, engine: Engine): Promise<Stack> {
  const stack = new Stack({
    engine,
    name: "test",
    directory: path.join(directory, "stacks", language),
    program: path.join(directory, "examples", language),
    command: (argv) => lab.command(argv),
  });
  // The second one has no host key, which some languages pass on as null.
  const servers = lab.servers.map(({ name, address, hostKey }, at) => [
    name,
    { address, ...(at === 0 && { hostKey }) },
  ]);
  await stack.setConfig({
    [`fakevpc-${language}:servers`]: Object.fromEntries(servers),
    [`fakevpc-${language}:sshKey`]: { secure: readFileSync(lab.keyFile, "utf8") },
  });
  return stack;
}

async function fromNothingToDestroy(stack: Stack): Promise<void> {
  await stack.up();
  const { servers } = (await stack.outputs()) as { servers: Record<string, { addresses: Record<string, string> }> };
  assert.equal(servers.server2!.addresses.server1, "192.168.1.1");
  for (const from of lab.servers) {
    for (const to of lab.servers) await from.exec(["ping", "-c", "1", "-w", "10", `${to.name}.vpcdomain`]);
  }
  const state = JSON.stringify(await stack.exportState());
  assert.ok(!state.includes("PRIVATE KEY"), "a secret argument is in the state in clear");

  await stack.up({ args: ["--expect-no-changes"] });

  await stack.destroy();
  for (const server of lab.servers) assert.equal((await server.exec(["wg", "show", "interfaces"])).stdout.trim(), "");
}

test("the example in TypeScript makes servers a mesh, changes nothing when it is run again, and takes it away", async () => {
  const modules = path.join(installed("typescript"), "node_modules");
  mkdirSync(modules);
  symlinkSync(packageFile(), path.join(modules, "fakevpc"));
  await fromNothingToDestroy(await exampleStack("typescript", await testEngine()));
});

test("so does the example in YAML", async () => {
  installed("yaml");
  await fromNothingToDestroy(await exampleStack("yaml", await withYaml(await testEngine(), log)));
});

test("so does the example in Python, by the package that Pulumi generates", async () => {
  const program = installed("python");
  const generated = path.join(directory, "sdks/python");
  await generatePackage("python", generated, log);
  const { env, ...engine } = await withPython(await testEngine(), log);
  const environment = path.dirname(path.dirname(findOnPath("python3", env.PATH)!));
  symlinkSync(environment, path.join(program, "venv"));
  const target = path.join(directory, "python");
  await run(["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, generated], { env });
  const withPackage = { ...env, PYTHONPATH: target };
  await fromNothingToDestroy(await exampleStack("python", { ...engine, env: withPackage }));
});

test("the example in Go is compiled with the package that Pulumi generates", async () => {
  const program = installed("go");
  const generated = path.join(directory, "sdks/go");
  await generatePackage("go", generated, log);
  const name = "github.com/fakevpc/pulumi-fakevpc/sdk/go/fakevpc";
  writeFileSync(path.join(generated, "fakevpc/go.mod"), `module ${name}\n\ngo 1.25\n`);
  const replace = `${name}=${path.join(generated, "fakevpc")}`;
  await run(["go", "mod", "edit", "-require", `${name}@v0.0.0`, "-replace", replace], { cwd: program });
  await run(["go", "build", "-mod=mod", "-o", path.join(directory, "go-example"), "."], { cwd: program });
});
