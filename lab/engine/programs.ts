import { accessSync, constants } from "node:fs";
import * as path from "node:path";

export const version = "3.259.0";

/** Counts how an engine's directory is laid out, so that a cache of another kind is not taken for one. */
export const layout = 3;

const nodeHost = "pulumi-language-nodejs";

/** What a directory needs to be an engine: the CLI, and its host for Node programs. */
export const programs = ["pulumi", nodeHost];

export function hasPrograms(directory: string): boolean {
  return programs.every((program) => isExecutable(path.join(directory, program)));
}

/** Where a program is on PATH. npm's own directories are left out, for a pulumi in one is only what would fetch it. */
export function findOnPath(program: string, searchPath = process.env.PATH ?? ""): string | undefined {
  const ofNpm = path.join(path.sep, "node_modules", ".bin", path.sep);
  const candidates = searchPath
    .split(path.delimiter)
    .filter((each) => each && !path.join(each, path.sep).endsWith(ofNpm));
  return candidates.map((directory) => path.join(directory, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
