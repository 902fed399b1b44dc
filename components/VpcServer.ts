import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { connectionOf, type ServerSsh } from "./connection";
import { applyCommand, deleteCommand, hostProgram, type Step } from "./hostProgram";
import type { StepInputs } from "./stepInputs";

interface VpcServerArgs {
  name: string;
  prefix: string;
  meshId: pulumi.Output<string>;
  ssh: ServerSsh;
  upgrade: boolean;
  reapply?: string;
  inputs: StepInputs;
}

/** One server of a mesh, a Command for each step. What depends on a step runs after it, and is undone before it. */
export class VpcServer extends pulumi.ComponentResource {
  constructor(name: string, args: VpcServerArgs, options: pulumi.ComponentResourceOptions) {
    super("fakevpc:index:VpcServer", name, {}, options);
    const { key, interfaces, hosts, services } = args.inputs;
    const { customTimeouts } = options; // Pulumi does not hand these to the children of a component
    const step = (step: Step, stdin: pulumi.Input<string>, after?: pulumi.Resource) =>
      newCommand(`${name}-${step}`, step, stdin, args, { parent: this, dependsOn: after, customTimeouts });

    const packages = step("packages", hostProgram);
    const keys = step("key", key, packages);
    step("interfaces", interfaces, keys);
    step("hosts", hosts, packages);
    if (services) step("services", services, packages);
    this.registerOutputs();
  }
}

function newCommand(
  resourceName: string,
  step: Step,
  stdin: pulumi.Input<string>,
  { name, prefix, meshId, ssh, upgrade, reapply }: VpcServerArgs,
  options: pulumi.CustomResourceOptions,
): command.remote.Command {
  const owner = meshId.apply((id) => ({ prefix, meshId: id, server: name }));
  const commandOptions = upgrade && step === "packages" ? ["upgrade"] : [];
  const apply = owner.apply((known) => applyCommand(step, known, commandOptions, reapply));
  return new command.remote.Command(
    resourceName,
    {
      connection: connectionOf(ssh, upgrade && step !== "packages"),
      create: apply,
      update: apply,
      delete: owner.apply((known) => deleteCommand(step, known)),
      stdin,
      addPreviousOutputInEnv: false,
    },
    options,
  );
}
