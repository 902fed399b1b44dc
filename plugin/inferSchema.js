// The component's schema, as Pulumi's own analyzer infers it. `npm run schema` keeps it in schema.json.
const { writeFileSync } = require("node:fs");
const path = require("node:path");
const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental/provider");
const { FakeVpc } = require("../dist/components");

const file = path.join(__dirname, "schema.json");

async function inferSchema() {
  const provider = new ComponentProvider({ name: "fakevpc", dirname: __dirname, components: [FakeVpc] });
  return JSON.parse(await provider.getSchema());
}

async function main() {
  writeFileSync(file, `${JSON.stringify(await inferSchema(), undefined, 2)}\n`);
}

module.exports = { file, inferSchema };
if (require.main === module) main();
