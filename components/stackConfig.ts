import * as pulumi from "@pulumi/pulumi";
import { settingOf } from "../mesh/settings";
import type { FakeVpcArgs } from ".";

/**
 * The stack's config under the project's name, as the arguments of the mesh; FakeVpc checks them. It is read as text, for
 * pulumi.Config would hand out a map with one secret in it as an output, whose servers are not known in a preview.
 */
export function readStackConfig(): FakeVpcArgs {
  const prefix = `${pulumi.getProject()}:`;
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key, text]) => key.startsWith(prefix) && text !== "") // an entry of nothing arrives as an empty text
    .map(([key, text]) => [key.slice(prefix.length), text] as const)
    .map(([key, text]) => [key, settingOf(key, text)]);
  return Object.fromEntries(entries);
}
