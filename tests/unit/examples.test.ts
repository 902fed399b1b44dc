import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";

const folders = readdirSync(packageFile("examples")).filter((name) =>
  existsSync(packageFile("examples", name, "Pulumi.yaml")),
);

const shape = ["You need", "Run it", "Take it away", "How it is tested"];

test("every example of a program has a README, and all of them have the same parts in the same order", () => {
  assert.ok(folders.length >= 7, folders.join(" "));
  for (const folder of folders) {
    const readme = readFileSync(packageFile("examples", folder, "README.md"), "utf8");
    const headings = [...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);
    assert.deepEqual(Array.from(headings.filter((heading) => shape.includes(heading))), shape, folder);
    for (const [, target] of readme.matchAll(/\]\(([^)#:]+)\)/g)) {
      assert.doesNotThrow(() => readFileSync(packageFile("examples", folder, target!)), `${folder}: ${target}`);
    }
  }
});
