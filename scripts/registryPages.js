// The pages that Pulumi's Registry shows of a package, made of the README's parts and the examples, so that they say the same.
// `npm run registry` writes them; a test compares them.
const { readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const repository = path.join(__dirname, "..");
const textOf = (file) => readFileSync(path.join(repository, file), "utf8");

/** What a part of the README says, by its heading: up to the next heading of its rank, without the heading. */
function part(heading) {
  const found = textOf("README.md")
    .split(/^## /m)
    .find((each) => each.startsWith(`${heading}\n`));
  if (!found)
    throw new Error(`README.md has no part "${heading}", which docs/ has pages of: scripts/registryPages.js names it`);
  return found.slice(heading.length).trim();
}

/** The README's first paragraph and its list of what it has. */
function introduction() {
  const text = textOf("README.md").split(/^## /m)[0];
  return text
    .split("\n")
    .filter((line) => !/^(#|!\[)/.test(line))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const languages = [
  { name: "typescript", file: "examples/typescript/index.ts", fence: "typescript" },
  { name: "python", file: "examples/python/__main__.py", fence: "python" },
  { name: "go", file: "examples/go/main.go", fence: "go" },
  { name: "csharp", file: "examples/csharp/Program.cs", fence: "csharp" },
  { name: "yaml", file: "examples/yaml/Pulumi.yaml", fence: "yaml" },
];

/** Of each language its own text, of which the Registry shows the one that a reader chose. */
function chooser(contentOf) {
  const choices = languages.map(
    (language) => `{{% choosable language ${language.name} %}}\n\n${contentOf(language)}\n\n{{% /choosable %}}`,
  );
  return `{{< chooser language "${languages.map(({ name }) => name).join(",")}" >}}\n\n${choices.join("\n\n")}\n\n{{< /chooser >}}`;
}

const fenced = (fence, text) => `\`\`\`${fence}\n${text.trim()}\n\`\`\``;

/** Links that lead elsewhere in the repository are links to it, as the Registry has these two pages alone. */
function linked(text) {
  const { repository: source } = JSON.parse(textOf("package.json"));
  const base = `${source.url.replace(/^git\+|\.git$/g, "")}/blob/main`;
  return text.replace(/\]\((?!https:|#)([^)]+)\)/g, (_, target) => `](${base}/${target})`);
}

const page = (title, meta, body) =>
  `---\ntitle: ${JSON.stringify(title)}\nmeta_desc: ${JSON.stringify(meta)}\nlayout: package\n---\n\n${linked(body)}\n`;

function index() {
  const { description } = JSON.parse(textOf("package.json"));
  const example = chooser(({ file, fence }) => fenced(fence, textOf(file)));
  const body = [
    introduction(),
    `## Example\n\nServers that exist already, and the mesh between them:\n\n${example}`,
    `## Addresses and names\n\n${part("Addresses and names")}`,
    `## Limits\n\n${part("Limits")}`,
  ];
  return page("Fake VPC", `${description}.`, body.join("\n\n"));
}

function installation() {
  const { version } = JSON.parse(textOf("package.json"));
  const plugin = `${JSON.parse(textOf("plugin/schema.json")).repository.replace("https://", "")}/plugin@${version}`;
  const generated = `${fenced("sh", `pulumi package add ${plugin}`)}\n\nThis generates the package for your program, and needs Node.js 20 or newer, which runs the component.`;
  const install = chooser(({ name }) => (name === "typescript" ? fenced("sh", "npm install fakevpc") : generated));
  const settings = textOf("docs/config.md")
    .replace(/^# .*$/m, "")
    .replace(/^## /gm, "### ")
    .trim();
  const body = [
    `## Installation\n\n${install}`,
    "## Configuration\n\nThe component has no configuration of its own: its arguments are these settings, without the prefix `fakevpc:`.",
    settings.replace(/\]\((?!https:|#)(?!\.\.\/)/g, "](docs/").replaceAll("](../", "]("),
  ];
  return page(
    "Fake VPC: installation and configuration",
    "How to install fakevpc, and its settings.",
    body.join("\n\n"),
  );
}

const pages = { "docs/_index.md": index, "docs/installation-configuration.md": installation };

if (require.main === module) {
  for (const [file, made] of Object.entries(pages)) writeFileSync(path.join(repository, file), made());
}
module.exports = { pages };
