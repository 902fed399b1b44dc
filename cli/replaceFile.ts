import { renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError } from "./stack/pulumi";

/** Writes a file as a whole: a reader has the old one or the new one, never a part. */
export function replaceFile(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new CommandError(`${file} cannot be written: ${(error as Error).message}`);
  }
}
