import { type Finding, listed } from "../findings/finding";
import type { Survey } from "./survey";
import type { TriedPair } from "./tryPairs";

/** wireguard-go sends what is for one IPv6 peer to another one each time that it has sent to an IPv4 peer in between. */
export function familyFindings(pairs: TriedPair[], surveys: Map<string, Survey>): Finding[] {
  return [...surveys]
    .filter(([, { system }]) => !system.has("wireguard"))
    .flatMap(([name]) => {
      const by = (family: 4 | 6) =>
        pairs.filter((pair) => pair.listener === name && pair.family === family).map(({ dialler }) => dialler);
      if (by(4).length === 0 || by(6).length < 2) return [];
      return {
        kind: "system",
        servers: [name],
        message: `its kernel has no WireGuard, and wireguard-go loses packets where peers come by both IPv4 (${listed(by(4))}) and IPv6 (${listed(by(6))})`,
        remedy:
          'run "modprobe wireguard", for a container on its host, or let its endpoint be an address of one family',
      };
    });
}
