import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "@jest/globals";
import { parse } from "yaml";
import { packageFile } from "../../components/packageFile";

const { pages } = require(packageFile("scripts/registryPages.js")) as { pages: Record<string, () => string> };

test('the Registry\'s pages say what the README and the examples say; "npm run registry" writes them anew', () => {
  assert.deepEqual(Object.keys(pages), ["docs/_index.md", "docs/installation-configuration.md"]);
  for (const [file, made] of Object.entries(pages)) {
    const kept = readFileSync(packageFile(file), "utf8");
    assert.equal(kept, made(), `${file} is stale: npm run registry`);
    assert.equal(parse(kept.split("---\n")[1]!).layout, "package");
    for (const language of ["typescript", "python", "go", "csharp", "yaml"]) {
      assert.ok(kept.includes(`{{% choosable language ${language} %}}`), `${file}: ${language}`);
    }
  }
});
