import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The path of a file of this package, whether this module runs as it is or from `dist/`, beside which the file stays. */
export function packageFile(...parts: string[]): string {
  return join(packageDirectory, ...parts);
}

const packageDirectory = nearest(__dirname, "package.json");

function nearest(directory: string, file: string): string {
  return existsSync(join(directory, file)) ? directory : nearest(dirname(directory), file);
}
