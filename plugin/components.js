// What is served to programs in other languages: each component by its type, made as a program in TypeScript makes it.
const { existsSync } = require("node:fs");
const path = require("node:path");

// In a clone the library is beside the plugin; in an archive of the plugin it is an npm package that was installed for it.
const clone = path.join(__dirname, "..");
const isClone = existsSync(path.join(clone, "components"));

/** The components by type. Loads the library, which must be installed by then. */
function components() {
  const { DeployKey, FakeVpc } = require(isClone ? "../dist/components" : "fakevpc");
  return {
    "fakevpc:index:DeployKey": (name, _inputs, options) => new DeployKey(name, options),
    "fakevpc:index:FakeVpc": (name, inputs, options) => new FakeVpc(name, inputs, options),
  };
}

module.exports = { clone, components, isClone };
