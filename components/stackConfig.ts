import * as pulumi from "@pulumi/pulumi";
import type { FakeVpcArgs } from ".";

/**
 * The stack's config under the project's name, as the arguments of the mesh; FakeVpc checks them. It is read as text, for
 * pulumi.Config would hand out a map with one secret in it as an output, whose servers are not known in a preview.
 */
export function readStackConfig(): FakeVpcArgs {
  const prefix = `${pulumi.getProject()}:`;
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => [key.slice(prefix.length), parse(text)]);
  return Object.fromEntries(entries);
}

/** Maps, numbers and booleans are JSON; everything else is the text itself. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
