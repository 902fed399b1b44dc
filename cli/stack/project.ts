import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { CommandError } from "./pulumi";

/** The Pulumi project that the command runs in. */
export interface Project {
  name: string;
  /** The directory of its Pulumi.yaml. */
  directory: string;
  /** The directory of its stacks' configs. */
  configDirectory: string;
  /** The file of its program, where there is one as Node.js has them. */
  program?: string;
}

/** The project of this directory, or of the nearest one above it that has a Pulumi.yaml. */
export function projectHere(from = process.cwd()): Project {
  const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => path.join(from, name)).find(existsSync);
  if (file) return readProject(file);
  if (path.dirname(from) !== from) return projectHere(path.dirname(from));
  throw new CommandError("no Pulumi.yaml here or above: go to your clone of fakevpc");
}

function readProject(file: string): Project {
  const { name, main, stackConfigDir } = parse(readFileSync(file, "utf8")) as Record<string, string | undefined>;
  if (!name) throw new CommandError(`${file} gives its project no name`);
  const directory = path.dirname(file);
  const candidates = [main ?? "", "index.ts", "index.js"].flatMap((each) => [each, path.join(main ?? "", each)]);
  return {
    name,
    directory,
    configDirectory: path.join(directory, stackConfigDir ?? ""),
    program: candidates
      .map((each) => path.join(directory, each))
      .find((each) => /\.[jt]s$/.test(each) && existsSync(each)),
  };
}

/** Whether the project's program makes the mesh that the stack's config describes; any other has servers of its own. */
export function readsConfig({ program }: Project): boolean {
  return program !== undefined && /\bstackMesh\b/.test(readFileSync(program, "utf8"));
}
