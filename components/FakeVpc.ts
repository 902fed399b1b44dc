import * as pulumi from "@pulumi/pulumi";
import type { FakeVpcArgs, ServerOutputs } from "./args";
import { CheckedArgs } from "./checkedArgs";
import { registerMesh } from "./meshesOfProgram";
import { MeshKeys } from "./meshKeys";
import { outputsIn, plainArgs } from "./plainArgs";
import { RetiredServer } from "./RetiredServer";
import { Seen } from "./seen";
import { graphOf, outputsOf } from "./serverOutputs";
import { textsOf } from "./serverTexts";
import { VpcServer } from "./VpcServer";
import { warnOf } from "./warnings";

/** A WireGuard mesh: every pair of its servers talks directly and encrypted, and no server is in the middle. */
export class FakeVpc extends pulumi.ComponentResource {
  /** Of each server by name: its index and public key, where it is dialled, and every server's address as seen from it. */
  public readonly servers: pulumi.Output<Record<string, ServerOutputs>>;
  /** The mesh as a Mermaid flowchart, to be pasted into a README. */
  public readonly graph: pulumi.Output<string>;

  constructor(name: string, args: FakeVpcArgs, options?: pulumi.ComponentResourceOptions) {
    const checked = new CheckedArgs(args);
    registerMesh(name, checked.mesh);
    super("fakevpc:index:FakeVpc", name, plainArgs(checked.args), options);
    warnOf(checked, this);
    const keys = new MeshKeys(name, checked, this);
    const seen = new Seen(this);
    const { mesh, args: given } = checked;
    const servers = mesh.servers.map(
      ({ name: server }) =>
        new VpcServer(
          `${name}-${server}`,
          {
            target: { prefix: mesh.prefix, server },
            meshId: keys.meshId,
            ssh: checked.sshOf(server),
            request: {
              upgrade: given.updateUpgradeServers ?? false,
              reapply: given.servers[server]!.reapply ?? given.reapply,
            },
            plan: textsOf(server, checked, keys),
            seen,
            keyVersions: keys.versions,
            outputs: outputsIn(given, server),
          },
          { parent: this, customTimeouts: options?.customTimeouts },
        ),
    );
    for (const [server, { retired }] of Object.entries(checked.args.servers)) {
      if (retired) new RetiredServer(`${name}-${server}`, { parent: this });
    }
    // Whoever uses these finds a mesh that works.
    const ready = pulumi.all(servers.map((server) => server.ready));
    this.servers = pulumi.all([outputsOf(checked, keys), ready]).apply(([outputs]) => outputs);
    this.graph = pulumi.all([graphOf(checked), ready]).apply(([graph]) => graph);
    this.registerOutputs({ servers: this.servers, graph: this.graph });
  }
}
