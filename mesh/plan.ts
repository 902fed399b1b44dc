import { addressSeen, rangeOf } from "./addresses";
import { endpointOf, type Mesh, type Server, type Service, wayTo } from "./mesh";

/** What one server is to have, in words of WireGuard. */
export interface ServerPlan {
  name: string;
  prefix: string;
  interfaces: Interface[];
  /** Every server of the mesh, itself too, with its address as this server sees it. */
  hosts: { address: string; names: string[] }[];
  /** The addresses of this server's interfaces. */
  addresses: string[];
  services: Service[];
  /** Whether a firewall of the server is told of the mesh. */
  openFirewall: boolean;
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
  /** Where it is dialled, as far as that is known; a peer without it dials us. */
  endpoint?: { host?: string; port?: number };
  /** Seconds. */
  keepalive?: number;
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
    peers: dialling.map((server) => ({ name: server.name, allowedIps: `${seen(server)}/32` })),
  };
  const clients: Interface[] = dialled.map((server) => ({
    name: `${prefix}c${server.index}`,
    address: `${addressSeen(offset, self.index, server.index)}/32`,
    listens: false,
    mtu: mesh.mtu,
    peers: [
      {
        name: server.name,
        allowedIps: `${seen(server)}/32`,
        endpoint: endpointOf(server, wayTo(server, self)!),
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
    })),
    addresses: interfaces.map(({ address }) => address.split("/")[0]!),
    services: mesh.services.filter((service) => service.server === name),
    openFirewall: mesh.openFirewall,
  };
}
