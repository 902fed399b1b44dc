// The plugin, however Pulumi starts it: by the executable beside this file, or from its source.
const { components } = require("./components");
const { install } = require("./install");

async function main() {
  try {
    await install();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const { main: serve } = require("@pulumi/pulumi/provider");
  const { provider } = require("./provider");
  await serve(provider(components()), process.argv.slice(2));
}

main();
