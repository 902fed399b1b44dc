import { withPort } from "../../mesh/addresses";
import type { Mesh } from "../../mesh/mesh";
import { isRelayed, relayEndpoints } from "../../mesh/relay";
import type { Ping } from "../server/answer";
import type { Probe } from "../server/probe";
import type { StoredMesh } from "../stack/state";
import { peersOf } from "./peers";

/** What one server sees of a peer. */
export interface Direction {
  from: string;
  to: string;
  /** By which it is reached. */
  interface: string;
  /** Missing where the server has no means to measure. */
  ping?: Ping;
  /** The same at each of its addresses that are the same from everywhere. */
  stable: { address: string; ping: Ping }[];
  /** Whether a packet of the interface's full size came back. */
  fullSize?: boolean;
  /** Seconds since the last handshake; missing where there never was one. */
  handshakeAge?: number;
  /** The server that hands its packets on, where they go by one. */
  relay?: string;
}

/** What a server that answered sees of each of its peers. */
export function directionsOf(from: string, { mesh, servers }: StoredMesh, { answer }: Probe): Direction[] {
  if (!answer) return [];
  return peersOf(mesh, from).map((peer) => {
    const key = servers[peer.name]!.publicKey ?? "";
    const running = answer.interfaces.get(peer.interface);
    // Without its interface there is no way to the peer, which is as good as no answer.
    const silent = running || answer.missing.includes("ping") ? undefined : { sent: 0, received: 0 };
    return {
      from,
      to: peer.name,
      interface: peer.interface,
      ping: answer.pings.get(peer.address) ?? silent,
      stable: peer.stable.flatMap((address) => {
        const ping = answer.pings.get(address);
        return ping ? [{ address, ping }] : [];
      }),
      fullSize: answer.fullSize.get(peer.address),
      handshakeAge: running?.get(key),
      relay: relayOf(mesh, from, peer.name, answer.endpoints.get(peer.interface)?.get(key)),
    };
  });
}

/** Of a peer that is dialled by relays, the one whose address WireGuard uses now. */
function relayOf(mesh: Mesh, from: string, to: string, endpoint: string | undefined): string | undefined {
  const [dialler, listener] = [from, to].map((name) => mesh.servers.find((server) => server.name === name)!);
  if (!isRelayed(listener!, dialler!)) return undefined;
  const at = relayEndpoints(mesh, listener!, dialler!).findIndex(({ host, port }) => withPort(host, port) === endpoint);
  return listener!.relays[at];
}
