import * as pulumi from "@pulumi/pulumi";
import { FakeVpc } from "./components";
import { readStackConfig } from "./stackConfig";

/** The mesh of the selected stack, as its config in `stacks/` describes it. */
function createMesh(): FakeVpc {
  try {
    return new FakeVpc(pulumi.getProject(), readStackConfig());
  } catch (error) {
    // Somebody's mistake in the config is no accident of the program: its message is enough.
    throw error instanceof pulumi.InputPropertiesError ? new pulumi.RunError(error.message) : error;
  }
}

export const servers = createMesh().servers;
