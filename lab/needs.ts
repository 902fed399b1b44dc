import { packageFile } from "../components/packageFile";
import { run } from "./process";

/** What `scripts/needs.txt` knows of: each use needs other programs. */
export type Use = "bench" | "check" | "lab" | "tests" | "vms";

/** Installs the programs that this machine lacks for these uses, or throws what it lacks. */
export async function ensureNeeds(uses: Use[], log: (line: string) => void): Promise<void> {
  const argv = ["sh", packageFile("scripts/needs.sh"), ...uses];
  const { code, stdout, stderr } = await run(argv, { allowFailure: true, onOutput: (text) => log(text.trimEnd()) });
  if (code !== 0) throw new Error((stderr || stdout).trim());
}
