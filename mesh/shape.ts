import type { z } from "zod";
import { type MeshConfig, meshConfig } from "./config";
import { notPlain, type Problem, pathOf, show } from "./problem";

/** What is wrong with the values of a config by themselves, and the config without those. */
export interface Shape {
  problems: Problem[];
  /** Undefined where nothing can be made of the rest. */
  usable?: MeshConfig;
}

/** `unknownPaths` holds the paths of values that are not known yet. */
export function shapeOf(config: unknown, unknownPaths: ReadonlySet<string>): Shape {
  const parsed = meshConfig.safeParse(config, { reportInput: true });
  const found = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf);
  const problems = [...found, ...hiddenEntries(config)].filter(({ path }) => !unknownPaths.has(path));
  if (problems.length === 0 && parsed.success) return { problems, usable: parsed.data };
  if (problems.some(({ path }) => path === "" || path === "servers")) return { problems };
  return { problems, usable: without(config as MeshConfig, new Set(problems.map(({ path }) => path))) };
}

/** A config without what stands at these paths. */
function without(config: MeshConfig, paths: ReadonlySet<string>): MeshConfig {
  const prune = (value: unknown, above: string[]): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([key]) => !paths.has(pathOf([...above, key])));
    return Object.fromEntries(kept.map(([key, each]) => [key, prune(each, [...above, key])]));
  };
  return prune(config, []) as MeshConfig;
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: "is not a known setting" }));
  }
  if (issue.code === "invalid_key") return [{ path, message: issue.issues[0]!.message }];
  if (issue.code !== "invalid_type") return [{ path, message: issue.message }];
  if (issue.input === notPlain)
    return [{ path, message: `${show(notPlain)} must be plain: ${insteadOfMap(issue.path)}` }];
  return [{ path, message: issue.input === undefined ? "is missing" : `${show(issue.input)} is not a map` }];
}

function insteadOfMap(path: readonly PropertyKey[]): string {
  return path.length === 1 && path[0] !== "ssh"
    ? "its names are needed in a preview; make single values outputs or secrets instead"
    : "make single values outputs or secrets instead";
}

/** zod passes over an entry of this name. */
function hiddenEntries(config: unknown): Problem[] {
  const maps = ["servers", "services"].filter((map) => {
    const inner: unknown = (config as Record<string, unknown> | null | undefined)?.[map];
    return typeof inner === "object" && inner !== null && Object.hasOwn(inner, "__proto__");
  });
  return maps.map((map) => ({ path: `${map}.__proto__`, message: '"__proto__" cannot be a name here: take another' }));
}
