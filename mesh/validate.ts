import type { MeshConfig } from "./config";
import { type Mesh, meshOf } from "./mesh";
import { type Problem, ProblemsError } from "./problem";
import { indexProblems, isIndex } from "./rules/indexes";
import { keyProblems } from "./rules/keys";
import { nameWarnings } from "./rules/names";
import { networkProblems, networkWarnings } from "./rules/network";
import { placeProblems } from "./rules/places";
import { relayProblems } from "./rules/relays";
import { serviceProblems, serviceWarnings } from "./rules/services";
import { unusedSettings } from "./rules/unused";
import { shapeOf } from "./shape";

/**
 * The mesh that a config describes, or a ProblemsError with everything that is wrong with it. `unknownPaths` holds the
 * paths of values that are not known yet: they are missing from the config, and are checked once they are known.
 */
export function checkMesh(config: unknown, unknownPaths: ReadonlySet<string> = new Set()): Mesh {
  const { problems: wrong, usable } = shapeOf(config, unknownPaths);
  if (!usable) throw new ProblemsError(wrong);
  // What is wrong by itself is left out of the rest, which is checked all the same: all problems are told at once.
  const unknown = new Set([...unknownPaths, ...wrong.map(({ path }) => path)]);
  const names = Object.keys((config as MeshConfig).servers);
  const mesh = meshOf(usable, unknown);
  const placed = { ...mesh, servers: mesh.servers.filter(({ index }) => isIndex(index)) };
  const problems = [
    ...wrong,
    ...(names.length === 0 ? [{ path: "servers", message: "{} has no server" }] : []),
    ...indexProblems(usable, unknown),
    ...placeProblems(placed, usable),
    ...keyProblems(usable),
    ...networkProblems(placed),
    ...relayProblems(placed),
    ...serviceProblems(
      mesh,
      names.filter((name) => !usable.servers[name]?.retired),
    ),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  return mesh;
}

/** What is no mistake for certain, and yet worth a word: of a config that has no problems. */
export function warningsOf(mesh: Mesh, config: MeshConfig): Problem[] {
  return [...nameWarnings(mesh), ...networkWarnings(mesh), ...serviceWarnings(mesh), ...unusedSettings(config)];
}
