import * as pulumi from "@pulumi/pulumi";
import { requireKnown } from "./everKnown";

/**
 * The same text, known at the same moment, without the resources that it comes from. What waits for a value need not name its
 * sources: of a mesh of 200 servers, 200 keys for each of 200 Commands would fill the state and most of the memory. No secret.
 */
export function withoutSources(output: pulumi.Output<string>): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return output;
  const known = requireKnown(output, "a key of the mesh could not be made: see above");
  const text = known.then(
    () =>
      new Promise<string>((resolve) => {
        output.apply(resolve);
      }),
  );
  return pulumi.output(text);
}
