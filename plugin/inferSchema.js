// The schema of the components, as Pulumi's own analyzer infers it from their types, and what types do not tell.
// `npm run schema` keeps it in schema.json.
const { writeFileSync } = require("node:fs");
const path = require("node:path");
const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental/provider");
const { FakeVpc } = require("../dist/components");
const { homepage, keywords, license, repository } = require("../package.json");

const file = path.join(__dirname, "schema.json");

/** What Pulumi's Registry and generated packages show. */
const metadata = {
  displayName: "Fake VPC",
  publisher: "fakevpc",
  keywords: [...keywords, "kind/component", "category/network"],
  homepage,
  repository: repository.url.replace(/^git\+|\.git$/g, ""),
  license,
};

/** Written by hand, since the analyzer takes no component without arguments, and marks no output as a secret. */
const deployKey = {
  type: "object",
  isComponent: true,
  inputProperties: {},
  requiredInputs: [],
  properties: {
    publicKey: { type: "string", description: "One line, as in `authorized_keys`." },
    privateKey: { type: "string", description: "As ssh-keygen writes it. A secret.", secret: true },
  },
  required: ["privateKey", "publicKey"],
  description:
    "An SSH key for servers that are still to be created: its public half is for their cloud-init, its private half for FakeVpc.",
};

/** The types' names end in Args here, and every generated package adds another: ServerArgsArgs. */
const inferredType = /(fakevpc:index:\w+)Args\b/g;

async function inferSchema() {
  const provider = new ComponentProvider({ name: "fakevpc", dirname: __dirname, components: [FakeVpc] });
  const inferred = (await provider.getSchema()).replace(inferredType, "$1");
  const { name, version, description, resources, ...rest } = JSON.parse(inferred);
  leaveEntriesUnmarked(resources["fakevpc:index:FakeVpc"].inputProperties);
  const all = { "fakevpc:index:DeployKey": deployKey, ...resources };
  return { name, version, description, ...metadata, resources: all, ...rest };
}

/** The generator for Go forgets the types of plain entries in a plain map, and what it writes does not compile. */
function leaveEntriesUnmarked(inputs) {
  for (const { additionalProperties } of Object.values(inputs)) delete additionalProperties?.plain;
}

async function main() {
  writeFileSync(file, `${JSON.stringify(await inferSchema(), undefined, 2)}\n`);
}

module.exports = { file, inferSchema };
if (require.main === module) main();
