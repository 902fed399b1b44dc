import * as pulumi from "@pulumi/pulumi";
import { mermaidOf } from "../graph/mermaid";
import { addressSeen, withPort } from "../mesh/addresses";
import { endpointOf } from "../mesh/mesh";
import { networkFromId, stableAddress, stableAddress6 } from "../mesh/network";
import type { ServerOutputs } from "./args";
import type { CheckedArgs } from "./checkedArgs";
import type { MeshKeys } from "./meshKeys";
import { settingsOfPlace } from "./places";

/** The mesh's IPv6 network, which its id leads to where the config says so; only then is it not known at once. */
function network6Of({ mesh }: CheckedArgs, { meshId }: MeshKeys): pulumi.Output<string | undefined> {
  return mesh.network6 === "auto" ? meshId.apply(networkFromId) : pulumi.output(mesh.network6);
}

/** The picture of the mesh. */
export function graphOf(checked: CheckedArgs): pulumi.Output<string> {
  const places = checked.mesh.servers.flatMap(({ name }) =>
    (["endpoint", "lanAddress"] as const).flatMap((way) => settingsOfPlace(checked.args, name, way)),
  );
  return checked.withMesh(places, (mesh) => mermaidOf(mesh));
}

/** What the mesh tells of each of its servers. */
export function outputsOf(checked: CheckedArgs, keys: MeshKeys): pulumi.Output<Record<string, ServerOutputs>> {
  const { servers, offset, network } = checked.mesh;
  const all = servers.map(({ name, index, public: dialled }) => {
    const endpoint = checked.withMesh(dialled ? settingsOfPlace(checked.args, name, "endpoint") : [], (mesh) => {
      const { host, port } = endpointOf(mesh.servers.find((server) => server.name === name)!, "endpoint");
      return dialled ? withPort(host!, port!) : undefined;
    });
    const addresses = Object.fromEntries(servers.map((peer) => [peer.name, addressSeen(offset, peer.index, index)]));
    return pulumi
      .all([keys.publicKeys[name]!, endpoint, network6Of(checked, keys)])
      .apply(([publicKey, place, network6]) => {
        const own: ServerOutputs = {
          index,
          publicKey,
          ...(place && { endpoint: place }),
          ...(network && { address: stableAddress(network, index) }),
          ...(network6 && { address6: stableAddress6(network6, index) }),
          addresses,
        };
        return [name, own] as const;
      });
  });
  return pulumi.all(all).apply((entries) => Object.fromEntries(entries));
}
