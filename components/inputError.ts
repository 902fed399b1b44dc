import * as pulumi from "@pulumi/pulumi";
import type { ProblemsError } from "../mesh/problem";

/** Problems of the arguments in the words of Pulumi, which every language's program can read. */
export function inputError({ message, problems }: ProblemsError): pulumi.InputPropertiesError {
  return new pulumi.InputPropertiesError({
    message: `the mesh cannot be built:\n${message}`,
    errors: problems.map(({ path, message }) => ({ propertyPath: path, reason: message })),
  });
}
