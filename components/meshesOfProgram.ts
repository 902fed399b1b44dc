import * as pulumi from "@pulumi/pulumi";
import type { Mesh } from "../mesh/mesh";
import { clashesOf } from "../mesh/meshes";
import { ProblemsError } from "../mesh/problem";
import { inputError } from "./inputError";

/** The meshes of each program that runs in this process; a program is known by the monitor that it talks to. */
const programs = new WeakMap<object, { name: string; mesh: Mesh }[]>();

/** Registers a mesh among those of its program. Throws where it gets in the way of one that is there already. */
export function registerMesh(name: string, mesh: Mesh): void {
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) return;
  const registered = programs.get(monitor) ?? [];
  const clashes = registered.flatMap((other) => clashesOf(mesh, other.mesh, other.name));
  if (clashes.length > 0) throw inputError(new ProblemsError(clashes));
  programs.set(monitor, [...registered, { name, mesh }]);
}
