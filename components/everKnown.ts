import * as pulumi from "@pulumi/pulumi";

/**
 * The output, which fails where it will never be known, as the resource that it comes from could not be made. A
 * Command whose connection is missing would end the up for all servers, with --continue-on-error, too.
 */
export function everKnown<T>(output: pulumi.Output<T>, server: string): pulumi.Output<T> {
  if (pulumi.runtime.isDryRun()) return output;
  const guard = requireKnown(output, `${server}: it waits for the output of a resource that failed: see above`);
  return pulumi.all([output, guard]).apply(([value]) => value as T);
}

/** Settles once an output is known, and fails with this sentence where it never will be. */
export async function requireKnown(output: pulumi.Output<unknown>, sentence: string): Promise<void> {
  if (!(await willBeKnown(output))) throw new pulumi.RunError(sentence);
}

/** Settles once it is clear whether an output will be known: not where the resource that it comes from could not be made. */
export function willBeKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown; // not among its types
}
