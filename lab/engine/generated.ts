import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { run } from "../process";
import { compiledOnce } from "./languageHost";
import type { Log } from "./source";

/** Writes this project's package for a language into a directory, as `pulumi package add` does with a newer host. */
export async function generatePackage(
  language: "go" | "nodejs" | "python",
  directory: string,
  log: Log,
): Promise<void> {
  const generator = path.join(await compiledOnce("pulumi-packages", log), "pulumi-packages");
  await run([generator, packageFile("plugin/schema.json"), language, directory]);
}
