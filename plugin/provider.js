// The provider that Pulumi's engine talks to. Its schema is the file that a test compares with the components' types:
// to infer it here, at every start, would take the TypeScript compiler and seconds.
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { version } = require("./package.json");

const schema = readFileSync(path.join(__dirname, "schema.json"), "utf8");
const { resources } = JSON.parse(schema);

/** @returns {import("@pulumi/pulumi/provider").Provider} */
function provider(components) {
  return {
    version,
    schema,
    construct: async (name, type, inputs, options) => {
      const make = components[type];
      if (!make) throw new Error(`fakevpc has no component ${type}: it has ${Object.keys(components).join(", ")}`);
      const component = make(name, inputs, options);
      const outputs = Object.keys(resources[type].properties).map((output) => [output, component[output]]);
      return { urn: component.urn, state: Object.fromEntries(outputs) };
    },
  };
}

module.exports = { provider };
