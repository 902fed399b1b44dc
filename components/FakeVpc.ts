import * as pulumi from "@pulumi/pulumi";
import type { Mesh } from "../mesh/mesh";
import type { FakeVpcArgs, ServerOutputs } from "./args";
import { CheckedArgs } from "./checkedArgs";
import { MeshKeys } from "./meshKeys";
import { RetiredServer } from "./RetiredServer";
import { graphOf, outputsOf } from "./serverOutputs";
import { inputsOf } from "./stepInputs";
import { VpcServer } from "./VpcServer";

/** A WireGuard mesh: every pair of its servers talks directly and encrypted, and no server is in the middle. */
export class FakeVpc extends pulumi.ComponentResource {
  /** Of each server by name: its index and public key, where it is dialled, and every server's address as seen from it. */
  public readonly servers: pulumi.Output<Record<string, ServerOutputs>>;
  /** The mesh as a Mermaid flowchart, to be pasted into a README. */
  public readonly graph: pulumi.Output<string>;

  constructor(name: string, args: FakeVpcArgs, options?: pulumi.ComponentResourceOptions) {
    const checked = new CheckedArgs(name, args);
    super("fakevpc:index:FakeVpc", name, checked.args, options);
    warnOfUnknownHosts(checked.mesh, checked.args, this);
    const keys = new MeshKeys(name, checked, this);
    for (const server of checked.mesh.servers) {
      new VpcServer(
        `${name}-${server.name}`,
        {
          name: server.name,
          prefix: checked.mesh.prefix,
          meshId: keys.meshId,
          ssh: checked.sshOf(server.name),
          upgrade: checked.args.updateUpgradeServers ?? false,
          reapply: checked.args.servers[server.name]!.reapply ?? checked.args.reapply,
          inputs: inputsOf(server.name, checked, keys),
        },
        { parent: this, customTimeouts: options?.customTimeouts },
      );
    }
    for (const [server, { retired }] of Object.entries(checked.args.servers)) {
      if (retired) new RetiredServer(`${name}-${server}`, { parent: this });
    }
    this.servers = outputsOf(checked, keys);
    this.graph = graphOf(checked);
    this.registerOutputs({ servers: this.servers, graph: this.graph });
  }
}

function warnOfUnknownHosts(mesh: Mesh, { servers }: FakeVpcArgs, resource: pulumi.Resource): void {
  const unknown = mesh.servers.filter(({ name }) => servers[name]!.hostKey === undefined).map(({ name }) => name);
  if (unknown.length === 0) return;
  const advice = "whoever answers at their address is believed (ssh-keyscan prints a server's key)";
  pulumi.log.warn(`servers without hostKey: ${unknown.join(", ")}: ${advice}`, resource);
}
