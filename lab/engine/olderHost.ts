import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import * as path from "node:path";
import { nodeHost } from "./programs";

const starter = path.resolve(__dirname, "../../../lab/engine/language-host.sh");

/** Puts a script before the language host of an engine's directory, which tells it what a newer engine does not. */
export function wrapOlderHost(directory: string): void {
  const older = path.join(directory, "older");
  mkdirSync(older, { recursive: true });
  renameSync(path.join(directory, nodeHost), path.join(older, nodeHost));
  copyFileSync(starter, path.join(directory, nodeHost));
}
