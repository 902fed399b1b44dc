// Prints the package.json of the plugin in a release. In a clone the library lies beside the plugin; there it is a dependency.
const { dependencies, version } = require("../package.json");
const { scripts, ...manifest } = require("../plugin/package.json");

manifest.dependencies = { "@pulumi/pulumi": dependencies["@pulumi/pulumi"], fakevpc: version };
console.log(JSON.stringify(manifest, undefined, 2));
