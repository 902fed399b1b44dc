import type { Mesh } from "../../mesh/mesh";
import { type Finding, listed } from "../findings/finding";
import type { Survey } from "./survey";
import type { TriedPair } from "./tryPairs";

/** Bytes that WireGuard adds to a packet, by the IP version around it. */
const overhead = { 4: 60, 6: 80 };

/** What wg-quick leaves of a card's packet size. */
const wgQuick = 80;

/** The smallest MTU that the mesh takes. */
const smallest = 1280;

/** Full packets of the mesh that would not pass: such links answer pings, and hang as soon as there is much to say. */
export function sizeFindings(pairs: TriedPair[], mesh: Mesh, surveys: Map<string, Survey>): Finding[] {
  const small = pairs.filter((pair) => pair.outcome === "answered" && pair.largest! < neededBy(pair, mesh, surveys));
  if (small.length === 0) return [];
  const fits = Math.min(...small.map(({ largest, family }) => largest! - overhead[family!]));
  const links = small.map(({ dialler, listener, largest }) => {
    const bytes = largest === 0 ? "even 1280 bytes are too many" : `${largest} bytes are the most`;
    return `${dialler} – ${listener} (${bytes})`;
  });
  return [
    {
      kind: "mtu",
      servers: [...new Set(small.flatMap(({ dialler, listener }) => [dialler, listener]))],
      message: `large packets get lost between ${listed(links)}`,
      remedy:
        fits >= smallest
          ? `set "mtu: ${fits}"`
          : `the mesh needs packets of ${smallest + overhead[4]} bytes there: look for what takes less, a tunnel or a router`,
    },
  ];
}

/** Bytes of the largest packets that the two ends would send to each other. */
function neededBy({ dialler, listener, family }: TriedPair, mesh: Mesh, surveys: Map<string, Survey>): number {
  const mtu = (name: string) => mesh.mtu ?? surveys.get(name)!.mtu - wgQuick;
  return Math.min(1500, Math.max(mtu(dialler), mtu(listener)) + overhead[family!]);
}
