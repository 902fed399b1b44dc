import * as pulumi from "@pulumi/pulumi";

/**
 * The output, which fails where it will never be known, as the resource that it comes from could not be made. A
 * Command whose connection is missing would end the up for all servers, with --continue-on-error, too.
 */
export function everKnown<T>(output: pulumi.Output<T>, server: string): pulumi.Output<T> {
  if (pulumi.runtime.isDryRun()) return output;
  const { isKnown } = output as unknown as { isKnown: Promise<boolean> }; // not among its types
  const guard = isKnown.then((known) => {
    if (!known) throw new pulumi.RunError(`${server}: it waits for the output of a resource that failed: see above`);
  });
  return pulumi.all([output, guard]).apply(([value]) => value as T);
}
