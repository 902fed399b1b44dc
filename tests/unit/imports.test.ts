import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";

/** The product's rooms, each with the rooms below it that it may import, as docs/architecture.md says. */
const below: Record<string, string[]> = {
  mesh: [],
  graph: ["mesh"],
  components: ["graph", "mesh"],
  cli: ["components", "graph", "mesh"],
  plugin: ["components"],
  policies: [],
};

/** Rooms that know nothing of Pulumi, so that their tests need no engine, not even a mocked one. */
const withoutPulumi = ["mesh", "graph"];

function sources(room: string): string[] {
  return readdirSync(packageFile(room), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[jt]s$/.test(name) && !name.includes("node_modules"))
    .map((name) => path.join(room, name));
}

/** What a file imports, types too: packages by name, files of this repository by their path in it, compiled or not. */
function importsOf(file: string): string[] {
  const text = readFileSync(packageFile(file), "utf8");
  const found = text.matchAll(/^(?:import|export)\b[^"';]*?"([^"]+)";|\b(?:require|import)\("([^"]+)"\)/gms);
  return [...found]
    .map(([, named, called]) => (named ?? called)!)
    .map((name) => (name.startsWith(".") ? path.join(path.dirname(file), name).replace(/^dist\//, "") : name));
}

const own = [...Object.keys(below), "bench", "demo", "lab", "tests", "host", "scripts", "examples"];

test("each room imports from those below it alone, and none from the lab", () => {
  for (const [room, allowed] of Object.entries(below)) {
    for (const file of sources(room)) {
      for (const imported of importsOf(file)) {
        const target = own.find((each) => imported === each || imported.startsWith(`${each}/`));
        if (target) assert.ok([room, ...allowed].includes(target), `${file} imports ${imported}`);
      }
    }
  }
});

test("mesh and graph know nothing of Pulumi", () => {
  for (const file of withoutPulumi.flatMap(sources)) {
    for (const imported of importsOf(file)) assert.doesNotMatch(imported, /^@pulumi\//, `${file} imports ${imported}`);
  }
});

test("the program at the root imports the package alone", () => {
  assert.deepEqual(importsOf("index.ts"), ["fakevpc"]);
});

test("imports are found in all their forms", () => {
  assert.ok(importsOf("mesh/plan.ts").includes("mesh/mesh"), "a type among values, of the same room");
  assert.ok(importsOf("components/FakeVpc.ts").includes("@pulumi/pulumi"), "a package");
  assert.ok(importsOf("components/index.ts").includes("components/FakeVpc"), "an export from a file");
  assert.ok(
    importsOf("cli/server/probe.ts").some((each) => each.startsWith("components/")),
    "another room",
  );
});
