import type * as pulumi from "@pulumi/pulumi";
import type { FakeVpcArgs } from "./args";
import { splitKnown } from "./known";

/**
 * The arguments without outputs and secrets, which a component registers: one output among its inputs would hold up all of
 * its children until it is known, those of other servers too.
 */
export function plainArgs(args: FakeVpcArgs): Record<string, unknown> {
  return splitKnown(args).known as Record<string, unknown>;
}

/** The outputs in the arguments of one server, and in those of SSH that all share, by their paths; keys are left out. */
export function outputsIn(args: FakeVpcArgs, server: string): Record<string, pulumi.Input<unknown>> {
  const paths = [...splitKnown({ servers: { [server]: args.servers[server] }, ssh: args.ssh }).unknownPaths];
  return Object.fromEntries(paths.filter((path) => !isKey(path)).map((path) => [path, valueAt(args, path)]));
}

function isKey(path: string): boolean {
  return /(privateKey|passphrase)$/i.test(path);
}

// biome-ignore lint/suspicious/noExplicitAny: a path leads through values of any shape
function valueAt(value: any, path: string): any {
  return path.split(".").reduce((inner, key) => inner[key], value);
}
