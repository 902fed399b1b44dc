import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

/**
 * Pulumi's CLI: the one on PATH, else the newest that `npx pulumi` has fetched into the user's directory. One under
 * node_modules/.bin, which npx puts first, is only what would fetch it.
 */
export function findPulumi(): string | undefined {
  const onPath = (process.env.PATH ?? "").split(path.delimiter).filter((directory) => directory && !isOfNpm(directory));
  return [...onPath, ...fetched()].map((directory) => path.join(directory, "pulumi")).find(isExecutable);
}

function isOfNpm(directory: string): boolean {
  return path.normalize(`${directory}/`).endsWith("/node_modules/.bin/");
}

function fetched(): string[] {
  const versions = path.join(process.env.PULUMI_HOME || path.join(homedir(), ".pulumi"), "versions");
  try {
    const newestFirst = readdirSync(versions).sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    return newestFirst.map((version) => path.join(versions, version, "bin"));
  } catch {
    return []; // nothing was fetched yet
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
