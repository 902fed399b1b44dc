import * as path from "node:path";
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** What one of this example's shell scripts is run with. */
interface ScriptArgs {
  /** The script and its argument. */
  create: string;
  delete?: string;
  /** Its variables. */
  environment: Record<string, pulumi.Input<string>>;
  stdin?: pulumi.Input<string>;
}

/** Runs a script here, on the machine where Pulumi runs: again when anything it is run with has changed. */
export function runScript(
  name: string,
  args: ScriptArgs,
  options?: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      dir: path.join(__dirname, ".."),
      create: `sh ${args.create}`,
      ...(args.delete && { delete: `sh ${args.delete}` }),
      environment: args.environment,
      stdin: args.stdin,
      addPreviousOutputInEnv: false,
    },
    options,
  );
}
