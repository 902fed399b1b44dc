import * as path from "node:path";

/** The path of one of this directory's shell scripts; the compiler leaves them where they are. */
export function script(name: string): string {
  return path.join(__dirname, "..", "..", "lab", name);
}
