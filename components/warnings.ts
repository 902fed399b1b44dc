import * as pulumi from "@pulumi/pulumi";
import type { CheckedArgs } from "./checkedArgs";

/** Tells in a preview, too, what is no mistake for certain and yet worth a word. */
export function warnOf({ mesh, args, warnings }: CheckedArgs, resource: pulumi.Resource): void {
  for (const { path, message } of warnings) pulumi.log.warn(`${path}: ${message}`, resource);
  const unknown = mesh.servers.filter(({ name }) => args.servers[name]!.hostKey === undefined).map(({ name }) => name);
  if (unknown.length === 0) return;
  const advice = "whoever answers at their address is believed (ssh-keyscan prints a server's key)";
  pulumi.log.warn(`servers without hostKey: ${unknown.join(", ")}: ${advice}`, resource);
}
