import type { Mesh, Server } from "./mesh";
import { stableAddress, stableAddress6, stableRange, stableRange6 } from "./network";

/** Stands for the network that "auto" makes of the mesh's id, up to its last two colons. */
const placeholder6 = "{network6}";

/** What a server has of the addresses that are the same for everybody. */
export interface Stable {
  /** Its own, IPv4 first. */
  addresses: string[];
  /** The networks of all servers' addresses, which belong to the mesh alone. */
  ranges: string[];
  /** The IPv6 addresses of all servers with their names, as lines of /etc/hosts. */
  names6: [address: string, name: string][];
}

/** Undefined where the mesh has no such addresses. */
export function stableOf(mesh: Mesh, self: Server): Stable | undefined {
  const { network, network6, domain, names, servers } = mesh;
  if (!network && !network6) return undefined;
  return {
    addresses: [
      ...(network ? [stableAddress(network, self.index)] : []),
      ...(network6 ? [address6(mesh, self.index)] : []),
    ],
    ranges: [...(network ? [stableRange(network)] : []), ...(network6 ? [range6(network6)] : [])],
    names6:
      network6 && names === "stable"
        ? servers.map(({ name, index }) => [address6(mesh, index), `${name}.v6.${domain}`])
        : [],
  };
}

/** What a peer may send from, and is sent, beside its address on the pair's own link. */
export function allowedStable(mesh: Mesh, { index, routes, site }: Server, self: Server): string[] {
  const { network, network6 } = mesh;
  return [
    ...(network ? [`${stableAddress(network, index)}/32`] : []),
    ...(network6 ? [`${address6(mesh, index)}/128`] : []),
    // Who is in that LAN needs nobody for it.
    ...(site !== undefined && site === self.site ? [] : routes),
  ];
}

function address6({ network6 }: Mesh, index: number): string {
  return network6 === "auto" ? `${placeholder6}${index}` : stableAddress6(network6!, index);
}

function range6(network6: string): string {
  return network6 === "auto" ? `${placeholder6}/118` : stableRange6(network6);
}
