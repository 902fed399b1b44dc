import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { consumer, passphrase, recordedState } from "../fixtures/recorded";
import { testEngine } from "./support";

// Previews by the real engine. None of them dials a server, and there is none.

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-options-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A step of a preview, as `pulumi preview --json` prints it. */
interface Step {
  op: string;
  urn: string;
  // biome-ignore lint/suspicious/noExplicitAny: the CLI's own format
  newState: any;
}

let stacks = 0;

async function newStack(program: string): Promise<Stack> {
  const own = path.join(directory, String(stacks++));
  return new Stack({ engine: await testEngine(), name: "test", directory: own, program, passphrase });
}

async function preview(stack: Stack): Promise<Step[]> {
  const { stdout } = await stack.preview({ args: ["--json", "--show-sames"] });
  return JSON.parse(stdout).steps;
}

const nameOf = ({ urn }: Step) => urn.split("::").at(-1)!;
const typeOf = ({ urn }: Step) => urn.split("::").at(-2)!.split("$").at(-1)!;

/** How many steps there are of each kind. */
function kinds(steps: Step[]): Record<string, number> {
  const all = steps.map(({ op }) => op);
  return Object.fromEntries([...new Set(all)].map((op) => [op, all.filter((other) => other === op).length]));
}

function changed(steps: Step[]): string[] {
  const lines = steps.filter(({ op }) => op !== "same").map((step) => `${step.op} ${nameOf(step)}`);
  return lines.sort();
}

describe("a mesh with resource options", () => {
  let steps: Step[];
  let commands: Step[];

  beforeAll(async () => {
    steps = await preview(await newStack(packageFile("tests/lab/programs/options")));
    commands = steps.filter((step) => typeOf(step) === "command:remote:Command");
    assert.equal(commands.length, 4);
  });

  const states = () => commands.map((step) => ({ name: nameOf(step), ...step.newState }));

  test("it has the parent that it is given", () => {
    assert.match(steps.find((step) => nameOf(step) === "mesh")!.newState.parent, /::environment$/);
  });

  test("`provider` is for every Command", () => {
    for (const { name, provider } of states()) assert.match(provider, /::pulumi:providers:command::own::/, name);
  });

  test("`protect` protects every Command and every key", () => {
    const inner = steps.filter((step) => step.urn.includes("$fakevpc:index:FakeVpc$"));
    for (const step of inner) assert.equal(step.newState.protect, true, nameOf(step));
  });

  test("the whole mesh waits for what is in `dependsOn`", () => {
    const [dependency, ...others] = steps.find((step) => nameOf(step) === "mesh")!.newState.dependencies;
    assert.match(dependency, /::earlier$/);
    assert.deepEqual(others, []);
  });

  test("`customTimeouts` are every Command's", () => {
    for (const { name, customTimeouts } of states()) {
      assert.deepEqual(customTimeouts, { create: 420, update: 480, delete: 540 }, name);
    }
  });

  test("`transforms` reach every Command", () => {
    for (const { name, inputs } of states()) assert.equal(inputs.logging, "none", name);
  });
});

test("what the first release made is kept: nothing is created, replaced or deleted", async () => {
  const stack = await newStack(consumer);
  await stack.setConfig({});
  await stack.importState(recordedState());
  const steps = await preview(stack);
  assert.ok(steps.length > 15);
  const { same = 0, update = 0 } = kinds(steps);
  assert.equal(same + update, steps.length, changed(steps).join("\n"));
});

test("a mesh renamed with an alias changes nothing on its servers", async () => {
  const stack = await newStack(consumer);
  await stack.setConfig({});
  await stack.importState(recordedState());
  const before = changed(await preview(stack));
  await stack.setConfig({ "consumer:name": "renamed" });
  const steps = await preview(stack);
  assert.ok(steps.some((step) => nameOf(step) === "renamed-server3-mesh"));
  assert.deepEqual(
    changed(steps).map((line) => line.replace("renamed", "mesh")),
    before,
  );
});
