// The package's entry: what is compiled of components/index.ts, and in a clone a look whether it is that.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const digest = join(__dirname, "../scripts/digest.js"); // no part of the published package
if (existsSync(digest) && !require(digest).isCompiled()) {
  const { RunError } = require("@pulumi/pulumi"); // which Pulumi prints as one sentence
  throw new RunError("fakevpc: dist/ is not what the sources here compile to: run `npm run build`");
}

module.exports = require("../dist/components/index.js");
