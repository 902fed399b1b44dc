import { isIPv4 } from "node:net";
import { rangeOf } from "../addresses";
import type { Mesh, Server } from "../mesh";
import { type Network, networkOf, numberOf, overlap, stableRange } from "../network";
import type { Problem } from "../problem";

interface Range {
  /** How a message calls it. */
  what: string;
  network: Network;
}

/** What is wrong with the one address per server, and with the networks behind servers. */
export function networkProblems(mesh: Mesh): Problem[] {
  return [...stableProblems(mesh), ...mesh.servers.flatMap((server) => routeProblems(server, mesh))];
}

function stableProblems(mesh: Mesh): Problem[] {
  const needs = { path: "names", message: '"stable" needs a network, whose addresses the names yield' };
  const without = mesh.names === "stable" && !mesh.network ? [needs] : [];
  if (!mesh.network) return without;
  return clashes("network", mesh.network, networkOf(stableRange(mesh.network))!, [
    ...seedRanges(mesh),
    ...places(mesh),
  ]);
}

function routeProblems(server: Server, mesh: Mesh): Problem[] {
  if (server.routes.length === 0) return [];
  const path = `servers.${server.name}.routes`;
  const others = mesh.servers
    .filter((other) => other.index < server.index)
    .flatMap((other) => other.routes.map((route) => rangeNamed(`the network ${route} behind ${other.name}`, route)));
  const stable = mesh.network ? [rangeNamed(`the mesh's network ${mesh.network}`, stableRange(mesh.network))] : [];
  const ranges = [...seedRanges(mesh), ...stable, ...others, ...places(mesh, server)];
  return [
    ...server.routes.flatMap((route) => clashes(path, route, networkOf(route)!, ranges)),
    ...server.routes.flatMap((route, at) =>
      server.routes
        .slice(at + 1)
        .filter((other) => overlap(networkOf(route)!, networkOf(other)!))
        .map((other) => ({ path, message: `${route} overlaps ${other} of the same server: give one of the two` })),
    ),
  ];
}

function clashes(path: string, text: string, network: Network, ranges: Range[]): Problem[] {
  const clash = ranges.find((range) => overlap(network, range.network));
  return clash ? [{ path, message: `${text} overlaps ${clash.what}: choose another network` }] : [];
}

function seedRanges(mesh: Mesh): Range[] {
  return mesh.servers.map(({ name, index }) => {
    const range = rangeOf(mesh.offset, index);
    return rangeNamed(`${range}, the range of ${name}`, range);
  });
}

/**
 * Where servers are reached, which nobody could any more through a tunnel that is to be built. A server that opens the way
 * to its LAN is in that LAN itself.
 */
function places(mesh: Mesh, owner?: Server): Range[] {
  return mesh.servers
    .filter(
      (server) => server !== owner && (owner === undefined || server.site === undefined || server.site !== owner.site),
    )
    .flatMap(({ name, address, endpoint, lanAddress }) => {
      const known = { address, endpoint, lanAddress };
      return Object.entries(known).flatMap(([field, text]) => {
        if (!text || !isIPv4(text) || (owner && field === "lanAddress")) return [];
        const number = numberOf(text);
        return [{ what: `${text}, the ${field} of ${name}`, network: { first: number, last: number } }];
      });
    });
}

function rangeNamed(what: string, text: string): Range {
  return { what, network: networkOf(text)! };
}

/** The most common address of a home router lies in the mesh's first range, unless the mesh begins elsewhere. */
export function networkWarnings({ servers, offset }: Mesh): Problem[] {
  const home = servers.find((server) => !server.public);
  const isTaken = servers.some(({ index }) => rangeOf(offset, index) === "192.168.1.0/24");
  if (!home || !isTaken) return [];
  const message = `${offset} gives the mesh 192.168.1.0/24, where most home routers are: for ${home.name}, which is private, another one may be wise, as 100`;
  return [{ path: "ifaceIpOffset", message }];
}
