import { mkdirSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import { hasPrograms } from "./programs";

/** Fills a directory beside the one wanted and renames it, so that an interrupted run leaves nothing half done. */
export async function install(directory: string, fill: (beside: string) => Promise<void>): Promise<string> {
  const beside = `${directory}.${process.pid}.part`;
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  try {
    await fill(beside);
    if (!hasPrograms(beside)) throw new Error(`${path.basename(directory)} came without all of its programs`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(beside, directory);
  } catch (error) {
    // Another run may have installed the same meanwhile.
    if (!hasPrograms(directory)) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return directory;
}
