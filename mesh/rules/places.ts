import { BlockList, isIP } from "node:net";
import { canonical, isInRange, withPort } from "../addresses";
import type { MeshConfig } from "../config";
import { endpointOf, type Mesh, type Server, wayFromTo } from "../mesh";
import { type Problem, show } from "../problem";
import { nameProblems } from "./names";

/** Where servers are reached, by peers and by SSH. */
export function placeProblems(mesh: Mesh, config: MeshConfig): Problem[] {
  return [
    ...mesh.servers.flatMap((server) => [
      ...meetingProblems(server, mesh),
      ...rangeProblems(server, mesh),
      ...(server.public ? endpointProblems(server) : []),
    ]),
    ...bastionProblems(mesh, config),
    ...nameProblems(mesh),
    ...duplicates(mesh, config),
  ];
}

/** A private server is dialled by nobody but its own site, so everybody else has a lower index, and dials nobody below. */
function meetingProblems(server: Server, mesh: Mesh): Problem[] {
  const missed = mesh.servers.filter((other) => other.index > server.index && wayFromTo(other, server) === undefined);
  const highestPublic = missed.filter((other) => other.public).at(-1);
  const hidden = server.relays.length > 0 ? [] : missed.filter((other) => !other.public);
  const below = highestPublic && {
    path: `servers.${server.name}.index`,
    message: `${server.index} is below ${highestPublic.index} of ${highestPublic.name}: a private server, which nobody can dial, has a higher index than every public one`,
  };
  return [
    ...(below ? [below] : []),
    ...hidden.map(({ name }) => ({
      path: `servers.${name}.public`,
      message: `false is so for ${server.name} too, and neither can dial the other: in one LAN, give both the same site; elsewhere, give ${server.name} a relay, a public server through which they meet`,
    })),
  ];
}

/** The mesh would take away the way to an address in its own ranges. */
function rangeProblems({ name, address, endpoint, lanAddress }: Server, mesh: Mesh): Problem[] {
  const places = { address, endpoint, lanAddress };
  return Object.entries(places).flatMap(([field, place]) => {
    if (field !== "address" && place === address) return []; // its default, told of there
    return inOwnRange(`servers.${name}.${field}`, place, mesh);
  });
}

function bastionProblems(mesh: Mesh, { ssh, servers }: MeshConfig): Problem[] {
  const own = mesh.servers.flatMap(({ name }) =>
    inOwnRange(`servers.${name}.proxy.address`, servers[name]?.proxy?.address, mesh),
  );
  return [...inOwnRange("ssh.proxy.address", ssh?.proxy?.address, mesh), ...own];
}

function inOwnRange(path: string, address: string | undefined, mesh: Mesh): Problem[] {
  const owner = mesh.servers.find(({ index }) => address && isInRange(address, mesh.offset, index));
  return owner
    ? [{ path, message: `${show(address)} lies in the mesh's own range of ${owner.name}: change ifaceIpOffset` }]
    : [];
}

/** Addresses that mean something else on each machine, or nothing. */
const undialable = new BlockList();
undialable.addSubnet("127.0.0.0", 8, "ipv4");
undialable.addSubnet("0.0.0.0", 8, "ipv4");
undialable.addSubnet("224.0.0.0", 3, "ipv4");
undialable.addAddress("::1", "ipv6");
undialable.addAddress("::", "ipv6");
undialable.addSubnet("ff00::", 8, "ipv6");

function isDialable(endpoint: string): boolean {
  const family = isIP(endpoint);
  if (family === 0) return !/(^|\.)localhost$/.test(canonical(endpoint)); // other names are looked up on the servers
  return !endpoint.includes("%") && !undialable.check(endpoint, family === 6 ? "ipv6" : "ipv4");
}

function endpointProblems({ name, endpoint }: Server): Problem[] {
  if (endpoint === undefined || isDialable(endpoint)) return [];
  const message = `${show(endpoint)} is not an address that peers can dial`;
  return [{ path: `servers.${name}.endpoint`, message }];
}

/** Two servers cannot be reached at one and the same place, by peers or by SSH. */
function duplicates(mesh: Mesh, config: MeshConfig): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const claim = (kind: string, path: string, host: string | undefined, port: number | undefined, name: string) => {
    if (host === undefined || port === undefined) return;
    const place = `${kind} ${withPort(canonical(host), port)}`;
    const other = taken.get(place);
    if (other) problems.push({ path, message: `${withPort(host, port)} is the ${kind} of ${other} too` });
    taken.set(place, name);
  };
  for (const server of mesh.servers) {
    const { name, address, sshPort, site } = server;
    // Behind two bastions the same address may be two servers.
    const bastion = config.servers[name]?.proxy?.address;
    claim(bastion ? `SSH address behind ${bastion}` : "SSH address", `servers.${name}.address`, address, sshPort, name);
    const [outside, inside] = [endpointOf(server, "endpoint"), endpointOf(server, "lanAddress")];
    if (server.public) claim("endpoint", `servers.${name}.endpoint`, outside.host, outside.port, name);
    if (site && server.inLan) {
      claim(`address in ${site}`, `servers.${name}.lanAddress`, inside.host, inside.port, name);
    }
  }
  return problems;
}
