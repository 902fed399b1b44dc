import { addressSeen, rangeOf } from "./addresses";
import { type Mesh, type Server, wayFromTo } from "./mesh";

/** Where a relay listens for those who cannot dial a server: this plus the server's index. */
const firstRelayPort = 52820;

/** Bytes that the outer tunnel takes of each packet of the inner one: IPv4, UDP and WireGuard's own. */
export const overhead = 60;

/** The MTU that wg-quick finds on a usual network, where none is given. */
const usualMtu = 1420;

/** The UDP port where every relay of a server listens, on its mesh address alone. */
export function relayPort(listener: Server): number {
  return firstRelayPort + listener.index;
}

/** Whether a pair can meet by a relay alone. */
export function isRelayed(dialled: Server, dialling: Server): boolean {
  return wayFromTo(dialling, dialled) === undefined;
}

/** Where a server finds each relay of another: at the relay's mesh address, for WireGuard inside of WireGuard. */
export function relayEndpoints(mesh: Mesh, listener: Server, dialler: Server): { host: string; port: number }[] {
  return listener.relays.map((name) => {
    const relay = mesh.servers.find((server) => server.name === name)!;
    return { host: addressSeen(mesh.offset, relay.index, dialler.index), port: relayPort(listener) };
  });
}

/** What a relay does for one private server: packets that come to a port of its own go to that server's WireGuard. */
export interface Relay {
  /** The private server. */
  to: string;
  port: number;
  /** The relay's own address, and the network whose members may use it. */
  address: string;
  range: string;
  /** Where the private server listens; its port may not be known yet. */
  target: { host: string; port?: number };
}

/** What a server hands on, of those who have it as a relay and somebody who needs one. */
export function relaysOn(mesh: Mesh, relay: Server): Relay[] {
  return mesh.servers
    .filter((server) => server.relays.includes(relay.name))
    .filter((server) => mesh.servers.some((dialler) => dialler.index > server.index && isRelayed(server, dialler)))
    .map((server) => ({
      to: server.name,
      port: relayPort(server),
      address: addressSeen(mesh.offset, relay.index, server.index),
      range: rangeOf(mesh.offset, relay.index),
      target: { host: addressSeen(mesh.offset, server.index, relay.index), port: server.wgPort },
    }));
}

/** The largest packet inside a tunnel that runs through another one. */
export function relayedMtu({ mtu = usualMtu }: Mesh): number {
  return mtu - overhead;
}
