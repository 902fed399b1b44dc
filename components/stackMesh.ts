import * as pulumi from "@pulumi/pulumi";
import { FakeVpc } from ".";
import { readStackConfig } from "./stackConfig";

/** The mesh that the selected stack's config describes, named after the project. */
export function stackMesh(): FakeVpc {
  try {
    return new FakeVpc(pulumi.getProject(), readStackConfig());
  } catch (error) {
    // Somebody's mistake in the config is no accident of the program: its message is enough.
    throw error instanceof pulumi.InputPropertiesError ? new pulumi.RunError(error.message) : error;
  }
}
