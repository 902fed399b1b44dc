// Installs what the plugin needs: the first program that names a new clone starts it before anybody ran npm there.
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { clone, isClone } = require("./components");

const directory = isClone ? clone : __dirname;
const digest = path.join(clone, "scripts/digest.js"); // tells whether dist/ is what the sources compile to
const lock = path.join(directory, ".fakevpc-installing");

/** Installs what is missing, once for several plugins that start at the same time. Throws one sentence that helps. */
async function install() {
  if (isInstalled()) return;
  while (!taken()) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    if (!isInstalled()) run();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isInstalled() {
  if (isClone && !require(digest).isCompiled()) return false;
  const library = isClone ? "../dist/components/index.js" : "fakevpc";
  return ["@pulumi/pulumi/provider", library].every((name) => {
    try {
      return existsSync(require.resolve(name, { paths: [__dirname] }));
    } catch {
      return false;
    }
  });
}

function run() {
  const [program, ...parameters] = isClone
    ? ["sh", "scripts/setup.sh"]
    : ["npm", "install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"];
  process.stderr.write(`fakevpc: installing what the plugin in ${__dirname} needs\n`);
  // Standard output is the engine's, which reads a port number there.
  const { error, status, stderr } = spawnSync(program, parameters, {
    cwd: directory,
    encoding: "utf8",
    timeout: 600_000,
  });
  if (!error && status === 0 && isInstalled()) return;
  const lines = (stderr ?? "").split("\n").filter((line) => line.trim());
  const cause = error?.message ?? lines.find((line) => /^(fakevpc:|npm error|error)/i.test(line)) ?? `status ${status}`;
  throw new Error(`fakevpc is not installed in ${directory} (${cause.trim()}): run "npm install" there`);
}

/** Takes the lock, or one that a process left which is gone. */
function taken() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") return true; // a directory that cannot be written: the installation says why
  }
  if (!isRunning(lock)) rmSync(lock, { force: true });
  return false;
}

function isRunning(file) {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

module.exports = { install };
