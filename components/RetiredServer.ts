import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/**
 * A server that is gone for good, under the names that its Commands had. Whatever Pulumi's state holds of them stays as it
 * is and is dropped without a word to the server; a Command that the state does not hold does nothing.
 */
export class RetiredServer extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("fakevpc:index:VpcServer", name, {}, options);
    for (const step of ["host", "mesh"]) {
      new command.remote.Command(
        `${name}-${step}`,
        { connection: { host: "retired" } },
        // What a failed update leaves in the state has the old options; ignoring every change records the new ones.
        { parent: this, retainOnDelete: true, ignoreChanges: ["*"] },
      );
    }
    this.registerOutputs();
  }
}
