import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import type { Engine } from "../../lab/engine/engine";
import { withPython } from "../../lab/engine/python";
import { Stack } from "../../lab/engine/stack";
import { run } from "../../lab/process";
import { Hoster } from "./hoster";
import { testEngine } from "./support";

const repository = packageFile();

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-plugin-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The engine with the plugin on PATH. */
function withPlugin(engine: Engine): Engine {
  const search = [path.join(repository, "plugin"), engine.env.PATH].join(path.delimiter);
  return { ...engine, env: { ...engine.env, PATH: search } };
}

test("Pulumi reads the schema from the plugin", async () => {
  const { env } = await testEngine();
  const { stdout } = await run(
    ["pulumi", "package", "get-schema", path.join(repository, "plugin/pulumi-resource-fakevpc")],
    { env },
  );
  const kept = JSON.parse(readFileSync(path.join(repository, "plugin/schema.json"), "utf8"));
  const { resources, types, ...others } = JSON.parse(stdout);
  for (const field of ["version", "displayName", "publisher", "keywords", "homepage", "repository", "license"]) {
    assert.deepEqual(others[field], kept[field], field);
  }
  assert.deepEqual(Object.keys(resources).sort(), ["fakevpc:index:DeployKey", "fakevpc:index:FakeVpc"]);
  assert.equal(resources["fakevpc:index:DeployKey"].properties.privateKey.secret, true);
  assert.deepEqual(Object.keys(types).sort(), Object.keys(kept.types).sort());
  const inputs = ({ inputProperties }: { inputProperties: object }) => Object.keys(inputProperties).sort();
  assert.deepEqual(inputs(resources["fakevpc:index:FakeVpc"]), inputs(kept.resources["fakevpc:index:FakeVpc"]));
});

/** A clone of the repository as git leaves it: nothing is installed or compiled. */
function newClone(name: string): string {
  const clone = path.join(directory, name);
  mkdirSync(clone);
  const left = ["node_modules", "dist", ".git"];
  for (const entry of readdirSync(repository).filter((entry) => !left.includes(entry))) {
    cpSync(path.join(repository, entry), path.join(clone, entry), { recursive: true });
  }
  return clone;
}

test("the plugin of a clone that nobody installed installs it, also where two start together", async () => {
  const { env } = await testEngine();
  const executable = path.join(newClone("clone"), "plugin/pulumi-resource-fakevpc");
  const start = () => run(["pulumi", "package", "get-schema", executable], { env });
  const schemas = await Promise.all([start(), start()]);
  for (const { stdout } of schemas) assert.equal(JSON.parse(stdout).name, "fakevpc");
});

test("a program in Python has the component, too", async () => {
  const stack = new Stack({
    engine: withPlugin(await withPython(await testEngine(), (line) => process.stderr.write(`${line}\n`))),
    name: "test",
    directory: path.join(directory, "python"),
    program: path.join(repository, "tests/lab/programs/python"),
  });
  const { stdout } = await stack.preview();
  for (const server of ["server1", "home"]) {
    assert.match(stdout, new RegExp(`command:remote:Command mesh-${server}-mesh +create`));
  }
});

test("a program that knows the component by its type alone makes servers a mesh, and takes it away", async () => {
  const hoster = await Hoster.open();
  try {
    const stack = new Stack({
      engine: withPlugin(hoster.knownTo(await testEngine())),
      name: "test",
      directory: path.join(directory, "remote"),
      program: path.join(repository, "tests/lab/programs/remote"),
      command: (argv) => hoster.command(argv),
    });
    await stack.up();
    const { servers, graph } = (await stack.outputs()) as { servers: Record<string, object>; graph: string };
    assert.deepEqual(Object.keys(servers), ["server1", "server2"]);
    assert.match(graph, /server1/);
    const [server1] = await hoster.servers();
    await server1!.exec(["ping", "-c", "1", "-w", "10", "server2.vpcdomain"]);

    const state = JSON.stringify(await stack.exportState());
    assert.ok(!state.includes("PRIVATE KEY"), "a secret argument is in the state in clear");

    await stack.destroy();
    assert.deepEqual(await hoster.servers(), []);
  } finally {
    await hoster.close();
  }
});
