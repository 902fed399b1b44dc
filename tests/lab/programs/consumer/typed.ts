import * as pulumi from "@pulumi/pulumi";
import { DeployKey, FakeVpc, type FakeVpcArgs, type ServerArgs, type ServerOutputs } from "fakevpc";

/** What a program in TypeScript may write, whatever its tsconfig; it is compiled, never run. */
export function typed(address: pulumi.Output<string>): pulumi.Output<ServerOutputs | undefined> {
  const key = new DeployKey("deploy");
  const server1: ServerArgs = {
    address,
    wgPort: 51820,
    hostKey: Promise.resolve("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"),
  };
  const args: FakeVpcArgs = { servers: { server1 }, ssh: { privateKey: key.privateKey } };
  const mesh = new FakeVpc("mesh", args, { parent: key, protect: true, aliases: [{ name: "old" }] });
  // @ts-expect-error: the names of servers must be known in a preview
  new FakeVpc("unknown", { servers: pulumi.output({ server1 }) });
  return mesh.servers.apply(({ server1 }) => server1);
}
