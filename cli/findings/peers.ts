import type { Mesh } from "../../mesh/mesh";
import { planOf } from "../../mesh/plan";

/** A peer as a server of the mesh reaches it. */
export interface Peer {
  name: string;
  address: string;
  interface: string;
}

export function peersOf(mesh: Mesh, name: string): Peer[] {
  return planOf(mesh, name).interfaces.flatMap((each) =>
    each.peers.map((peer) => ({
      name: peer.name,
      address: peer.allowedIps.replace("/32", ""),
      interface: each.name,
    })),
  );
}
