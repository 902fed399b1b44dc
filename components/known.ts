import * as pulumi from "@pulumi/pulumi";
import { notPlain } from "../mesh/problem";
import { mayBeOutput } from "./outputFields";

/** Args without the values that may not be known yet, and the paths where those were. */
export interface SplitArgs {
  known: unknown;
  unknownPaths: Set<string>;
}

/**
 * Takes the outputs out of args, so that all the rest can be checked now. One at a place that must be plain is marked as
 * such, and so is what no config can hold.
 */
export function splitKnown(args: unknown): SplitArgs {
  const unknownPaths = new Set<string>();
  const known = copy(args, "", [], (path) => {
    if (!mayBeOutput(path)) return notPlain;
    unknownPaths.add(path);
    return undefined;
  });
  return { known, unknownPaths };
}

/** Args that were checked, without the arguments that were not given. */
export function givenArgs<T>(args: T): T {
  return copy(args, "", [], (_, value) => value) as T;
}

/** Whether a value is another resource's, and so perhaps not known yet. */
export function isOutput(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function copy(
  value: unknown,
  path: string,
  above: unknown[],
  outputValue: (path: string, value: unknown) => unknown,
): unknown {
  if (isOutput(value)) return outputValue(path, value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (pulumi.Resource.isInstance(value)) return Symbol("resource");
  if (above.includes(value)) return Symbol("circle");
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== "Object") return Symbol(kind); // a Map, a Date: its entries would be lost
  const isMap = path === "servers" || path === "services";
  const entries = Object.entries(value)
    .map(([key, each]) => [key, copy(each, path ? `${path}.${key}` : key, [...above, value], outputValue)] as const)
    // An optional argument that is passed on as undefined or null is one that was not given; a whole entry is none.
    .filter(([, each]) => each !== undefined && (isMap || each !== null));
  return Object.fromEntries(entries);
}
