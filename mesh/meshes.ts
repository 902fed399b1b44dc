import { canonical, rangeOf, withPort } from "./addresses";
import type { Mesh, Server } from "./mesh";
import type { Problem } from "./problem";

/**
 * What two meshes of one program get in each other's way with on a server that is in both: a server is known by where
 * SSH reaches it. What is not known yet is found on the server itself.
 */
export function clashesOf(mesh: Mesh, other: Mesh, otherName: string): Problem[] {
  const places = new Map(other.servers.filter(isPlaced).map((server) => [placeOf(server), server]));
  const clashes = mesh.servers.filter(isPlaced).flatMap((server) => {
    const twin = places.get(placeOf(server));
    return twin ? clashesOn(server, mesh, twin, other, `which ${otherName} uses on this server too`) : [];
  });
  // What is so for the whole mesh is told once, not for each server.
  return clashes.filter(({ path }, at) => clashes.findIndex((earlier) => earlier.path === path) === at);
}

type Placed = Server & { address: string; sshPort: number };

function isPlaced(server: Server): server is Placed {
  return server.address !== undefined && server.sshPort !== undefined;
}

function placeOf({ address, sshPort }: Placed): string {
  return withPort(canonical(address), sshPort);
}

function clashesOn(server: Server, mesh: Mesh, twin: Server, other: Mesh, why: string): Problem[] {
  const problems: Problem[] = [];
  const theirRanges = rangesOn(twin, other);
  const shared = rangesOn(server, mesh).find((range) => theirRanges.includes(range));
  if (mesh.prefix === other.prefix) problems.push({ path: "prefix", message: `"${mesh.prefix}" is a prefix ${why}` });
  if (mesh.domain === other.domain) problems.push({ path: "domain", message: `"${mesh.domain}" is a domain ${why}` });
  if (shared) problems.push({ path: "ifaceIpOffset", message: `${mesh.offset} leads to ${shared}, ${why}` });
  if (server.wgPort !== undefined && server.wgPort === twin.wgPort) {
    problems.push({ path: `servers.${server.name}.wgPort`, message: `${server.wgPort} is a port ${why}` });
  }
  return problems;
}

function rangesOn(server: Server, { servers, offset }: Mesh): string[] {
  return servers.filter(({ index }) => index <= server.index).map(({ index }) => rangeOf(offset, index));
}
