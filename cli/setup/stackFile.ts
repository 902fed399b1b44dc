import * as path from "node:path";
import type { MeshConfig } from "../../mesh/config";
import { checked, noServers, stackSettings, withKeys } from "../stack/config";
import { type Project, projectHere, readsConfig } from "../stack/project";
import { CommandError, ofStack, pulumi } from "../stack/pulumi";
import { ConfigFile } from "./configFile";

/** A stack whose config is edited. */
export interface EditedStack {
  project: Project;
  name: string;
  file: ConfigFile;
}

/** The stack that has servers in its config already; the selected one by default. */
export function editedStack(stack: string | undefined): EditedStack {
  const project = projectHere();
  const name = stack ?? selectedStack(project);
  if (name === undefined) throw new CommandError("no stack is selected: name one by --stack");
  const file = configFileOf(project, name);
  if (!file.hasServers) throw new CommandError(noServers(project));
  return { project, name, file };
}

/** The project, unless its program has servers of its own, which no config names. */
export function projectOfConfig(): Project {
  const project = projectHere();
  if (readsConfig(project)) return project;
  throw new CommandError(
    `the program of "${project.name}" (${project.program ?? project.directory}) does not read its servers from a stack's config: they are in the program, and that is where to edit them`,
  );
}

export function configFileOf(project: Project, stack: string): ConfigFile {
  return new ConfigFile(project, path.join(project.configDirectory, `Pulumi.${stack.split("/").pop()}.yaml`));
}

export function selectedStack({ directory }: Project): string | undefined {
  try {
    return pulumi(["stack", "--show-name"], { directory }).trim();
  } catch {
    return undefined;
  }
}

/** The config with its keys; Pulumi, and so the stack's passphrase, is needed only where something is encrypted. */
export function configWithKeys({ project, name, file }: EditedStack): MeshConfig {
  const { config, encrypted } = file.read();
  return checked(() => withKeys(encrypted.size === 0 ? config : stackSettings(project, name)));
}

/** "--stack NAME" where the stack is not the selected one, as the next commands need it. */
export function stackFlag({ project, name }: EditedStack): string {
  const argv = selectedStack(project) === name ? [] : ofStack(name);
  return argv.map((word) => ` ${word}`).join("");
}
