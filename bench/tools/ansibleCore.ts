import { existsSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../../lab/cache";
import { ensureNeeds } from "../../lab/needs";
import { run } from "../../lab/process";

const release = "2.19.14";

/** The directory of the programs of ansible-core, which is installed into the cache where it is missing. */
export async function ensureAnsible(log: (line: string) => void): Promise<string> {
  const directory = path.join(cacheDirectory("ansible"), release);
  // The programs name their own directory, so it is made in its place; the mark comes last.
  const done = path.join(directory, "complete");
  if (!existsSync(done)) {
    await ensureNeeds(["bench"], log);
    log(`installing ansible-core ${release}`);
    rmSync(directory, { recursive: true, force: true });
    await run(["python3", "-m", "venv", directory]);
    await run([path.join(directory, "bin/pip"), "install", "--quiet", `ansible-core==${release}`]);
    await run(["touch", `${done}.new`]);
    renameSync(`${done}.new`, done);
  }
  return path.join(directory, "bin");
}
