// digest.js: prints a digest of the library's sources, which the build keeps in dist/. By it the package's entry, in a
// clone, can tell whether dist/ is what they compile to: a time would not do, as the compiler leaves an unchanged file alone.
const { createHash } = require("node:crypto");
const { existsSync, readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const repository = join(__dirname, "..");
const kept = join(repository, "dist/sources.sha256");
const rooms = ["components", "graph", "mesh"];

function digest() {
  const hash = createHash("sha256");
  for (const room of rooms) {
    const files = readdirSync(join(repository, room), { recursive: true }).filter((name) => name.endsWith(".ts"));
    for (const name of files.sort()) {
      hash
        .update(`${join(room, name)}\0`)
        .update(readFileSync(join(repository, room, name)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

function isCompiled() {
  return existsSync(kept) && readFileSync(kept, "utf8").trim() === digest();
}

module.exports = { isCompiled };

if (require.main === module) console.log(digest());
