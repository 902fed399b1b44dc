import * as pulumi from "@pulumi/pulumi";
import { addressSeen, withPort } from "../mesh/addresses";
import type { ServerOutputs } from "./args";
import type { CheckedArgs } from "./checkedArgs";
import type { MeshKeys } from "./meshKeys";

/** What the mesh tells of each of its servers. */
export function outputsOf(checked: CheckedArgs, keys: MeshKeys): pulumi.Output<Record<string, ServerOutputs>> {
  const { servers, offset } = checked.mesh;
  const all = servers.map(({ name, index, public: dialled }) => {
    const places = ["address", "endpoint", "wgPort"].map((field) => `servers.${name}.${field}`);
    const endpoint = checked.meshWith(dialled ? places : []).apply((mesh) => {
      const self = mesh.servers.find((server) => server.name === name)!;
      return dialled ? withPort(self.endpoint!, self.wgPort!) : undefined;
    });
    const addresses = Object.fromEntries(servers.map((peer) => [peer.name, addressSeen(offset, peer.index, index)]));
    return pulumi
      .all([keys.publicKeys[name]!, endpoint])
      .apply(
        ([publicKey, place]) => [name, { index, publicKey, ...(place && { endpoint: place }), addresses }] as const,
      );
  });
  return pulumi.all(all).apply((entries) => Object.fromEntries(entries));
}
