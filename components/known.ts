import * as pulumi from "@pulumi/pulumi";

/** Whether a value is another resource's, and so perhaps not known yet. */
function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Args without the values that may not be known yet, and the paths where those were. */
export interface Separated {
  known: unknown;
  later: Set<string>;
}

/** Takes the outputs out of args, so that all the rest can be checked now. */
export function separate(args: unknown): Separated {
  const later = new Set<string>();
  return { known: walk(args, "", later), later };
}

function walk(value: unknown, path: string, later: Set<string>): unknown {
  if (isLater(value)) {
    later.add(path);
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value)
    .map(([key, each]) => [key, walk(each, path ? `${path}.${key}` : key, later)] as const)
    // An optional argument that is passed on as undefined is one that was not given.
    .filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries);
}
