import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";

const repository = packageFile();
const { file, inferSchema } = require(path.join(repository, "plugin/inferSchema.js"));
const versionOf = (directory: string) => require(path.join(repository, directory, "package.json")).version;

test('what other languages see of the component is what is kept of it; "npm run schema" keeps it anew', async () => {
  assert.deepEqual(await inferSchema(), JSON.parse(readFileSync(file, "utf8")));
});

test("the plugin and the policy pack have the version of the package", () => {
  assert.equal(versionOf("plugin"), versionOf("."));
  assert.equal(versionOf("policies"), versionOf("."));
});
