import type { Mesh } from "../../mesh/mesh";
import { planOf } from "../../mesh/plan";
import { stableOf } from "../../mesh/stable";

/** A peer as a server of the mesh reaches it. */
export interface Peer {
  name: string;
  address: string;
  interface: string;
  /** Its addresses that are the same from everywhere. */
  stable: string[];
}

export function peersOf(mesh: Mesh, name: string): Peer[] {
  const stable = new Map(mesh.servers.map((server) => [server.name, stableOf(mesh, server)?.addresses ?? []]));
  return planOf(mesh, name).interfaces.flatMap((each) =>
    each.peers.map((peer) => ({
      name: peer.name,
      address: peer.allowedIps.replace("/32", ""),
      interface: each.name,
      stable: stable.get(peer.name)!,
    })),
  );
}
