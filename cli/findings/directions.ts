import type { Ping } from "../server/answer";
import type { Probe } from "../server/probe";
import type { StoredMesh } from "../stack/state";
import type { Expectation } from "./expectation";

/** What one server sees of a peer. */
export interface Direction {
  from: string;
  to: string;
  /** Missing where the server has no means to measure. */
  ping?: Ping;
  /** Whether a packet of the interface's full size came back. */
  fullSize?: boolean;
  /** Seconds since the last handshake; missing where there never was one. */
  handshakeAge?: number;
}

/** What a server that answered sees of each of its peers. */
export function directionsOf(from: string, { servers }: StoredMesh, expected: Expectation, probe: Probe): Direction[] {
  const { answer } = probe;
  if (!answer) return [];
  return expected.peers.map((peer) => {
    const running = answer.interfaces.get(peer.interface);
    // Without its interface there is no way to the peer, which is as good as no answer.
    const silent = running || answer.missing.includes("ping") ? undefined : { sent: 0, received: 0 };
    return {
      from,
      to: peer.name,
      ping: answer.pings.get(peer.address) ?? silent,
      fullSize: answer.fullSize.get(peer.address),
      handshakeAge: running?.handshakes.get(servers[peer.name]!.publicKey ?? ""),
    };
  });
}
