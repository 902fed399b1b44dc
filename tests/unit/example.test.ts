import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "@jest/globals";
import { parse } from "yaml";
import { packageFile } from "../../components/packageFile";
import { checkMesh } from "../../mesh/validate";

test("the example of a stack's config is a mesh", () => {
  const file = packageFile("stacks/Pulumi.example.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const entries = Object.entries(config).map(([key, value]) => [key.replace(/^fakevpc:/, ""), value]);
  const mesh = checkMesh(Object.fromEntries(entries));
  assert.deepEqual(
    mesh.servers.map(({ name }) => name),
    ["server1", "server2", "home"],
  );
});
