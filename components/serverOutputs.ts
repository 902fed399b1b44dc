import * as pulumi from "@pulumi/pulumi";
import { mermaidOf } from "../graph/mermaid";
import { addressSeen, withPort } from "../mesh/addresses";
import type { ServerOutputs } from "./args";
import type { CheckedArgs } from "./checkedArgs";
import type { MeshKeys } from "./meshKeys";

/** Where a server is dialled. */
function placesOf(name: string): string[] {
  return ["address", "endpoint", "wgPort"].map((field) => `servers.${name}.${field}`);
}

/** The picture of the mesh. */
export function graphOf(checked: CheckedArgs): pulumi.Output<string> {
  const places = checked.mesh.servers.flatMap(({ name }) => [...placesOf(name), `servers.${name}.lanAddress`]);
  return checked.meshWith(places).apply((mesh) => mermaidOf(mesh));
}

/** What the mesh tells of each of its servers. */
export function outputsOf(checked: CheckedArgs, keys: MeshKeys): pulumi.Output<Record<string, ServerOutputs>> {
  const { servers, offset } = checked.mesh;
  const all = servers.map(({ name, index, public: dialled }) => {
    const endpoint = checked.meshWith(dialled ? placesOf(name) : []).apply((mesh) => {
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
