import { addressSeen, rangeOf, withPort } from "./addresses";
import { endpointOf, type Mesh, type Server, type Service, wayFromTo } from "./mesh";
import { stableAddress } from "./network";
import { isRelayed, type Relay, relayEndpoints, relayedMtu, relaysOn } from "./relay";
import { allowedStable, type Stable, stableOf } from "./stable";

/** What one server is to have, in words of WireGuard. */
export interface ServerPlan {
  name: string;
  prefix: string;
  interfaces: Interface[];
  /** Every server of the mesh, itself too, with its address as this server sees it. */
  hosts: { address: string; names: string[]; stable?: string }[];
  /** The addresses of this server's interfaces. */
  addresses: string[];
  services: Service[];
  /** Whether a firewall of the server is told of the mesh. */
  openFirewall: boolean;
  /** The one address that it has for everybody, if the mesh has such. */
  stable?: Stable;
  /** Networks behind it that the others reach through it. */
  lans: { network: string; masquerade: boolean }[];
  /** What it hands on between two of its tunnels. */
  relays: Relay[];
}

export interface Interface {
  name: string;
  address: string;
  listens: boolean;
  /** Undefined also where it is not known yet. */
  listenPort?: number;
  mtu?: number;
  peers: Peer[];
}

export interface Peer {
  name: string;
  allowedIps: string;
  /** Further networks that are reached through it: its stable addresses, and what is behind it. */
  also: string[];
  /** Where it is dialled, as far as that is known; a peer without it dials us. */
  endpoint?: { host?: string; port?: number };
  /** Seconds. */
  keepalive?: number;
  /** Where relays hand on to it; the first that answers is dialled. */
  relays?: string[];
  /** Bytes of the largest packet on the way to it, where that is less than the interface's. */
  mtu?: number;
}

/** The peers that a server dials: those of a lower index. It needs to know where they are; of the others it does not. */
export function dialledBy(mesh: Mesh, name: string): Server[] {
  const self = mesh.servers.find((server) => server.name === name)!;
  return mesh.servers.filter((server) => server.index < self.index);
}

/** The plan of one server, as far as its own port and the endpoints of the servers it dials are known. */
export function planOf(mesh: Mesh, name: string): ServerPlan {
  const { offset, prefix, domain } = mesh;
  const self = mesh.servers.find((server) => server.name === name)!;
  const dialled = dialledBy(mesh, name);
  const dialling = mesh.servers.filter((server) => server.index > self.index);
  const seen = (server: Server) => addressSeen(offset, server.index, self.index);

  const listening: Interface = {
    name: `${prefix}s`,
    address: `${rangeOf(offset, self.index).replace(".0/", ".1/")}`,
    listens: true,
    listenPort: self.wgPort,
    mtu: mesh.mtu,
    peers: dialling.map((server) => ({
      name: server.name,
      allowedIps: `${seen(server)}/32`,
      also: allowedStable(mesh, server, self),
      ...(isRelayed(self, server) && { mtu: relayedMtu(mesh) }),
    })),
  };
  const clients: Interface[] = dialled.map((server) => ({
    name: `${prefix}c${server.index}`,
    address: `${addressSeen(offset, self.index, server.index)}/32`,
    listens: false,
    mtu: isRelayed(server, self) ? relayedMtu(mesh) : mesh.mtu,
    peers: [
      {
        name: server.name,
        allowedIps: `${seen(server)}/32`,
        also: allowedStable(mesh, server, self),
        ...wayOf(server, self, mesh),
        keepalive: mesh.keepalive,
      },
    ],
  }));
  const interfaces = [listening, ...clients];
  return {
    name,
    prefix,
    interfaces,
    hosts: mesh.servers.map((server) => ({
      address: seen(server),
      // Its bare name is the system's own, at 127.0.1.1, where a service bound to 127.0.0.1 does not answer.
      names: server === self ? [`${server.name}.${domain}`] : [`${server.name}.${domain}`, server.name],
      ...(mesh.names === "stable" && { stable: stableAddress(mesh.network!, server.index) }),
    })),
    addresses: interfaces.map(({ address }) => address.split("/")[0]!),
    services: mesh.services.filter((service) => service.server === name),
    openFirewall: mesh.openFirewall,
    stable: stableOf(mesh, self),
    lans: self.routes.map((network) => ({ network, masquerade: self.masquerade })),
    relays: relaysOn(mesh, self),
  };
}

function wayOf(server: Server, self: Server, mesh: Mesh): Pick<Peer, "endpoint" | "relays"> {
  const way = wayFromTo(self, server);
  if (way) return { endpoint: endpointOf(server, way) };
  const relays = relayEndpoints(mesh, server, self);
  return { endpoint: relays[0]!, relays: relays.map(({ host, port }) => withPort(host, port)) };
}
