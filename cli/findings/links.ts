import type { LinkState } from "../../graph/live";
import type { StoredMesh } from "../stack/state";
import type { Direction } from "./directions";

/** A link as the worse of what its two ends see; `dialler` has the higher index. */
export interface MeasuredLink {
  listener: string;
  dialler: string;
  state: LinkState;
  /** Milliseconds; missing where nothing came back. */
  roundTrip?: number;
  /** The share of packets that were lost, from 0 to 1; missing where nobody measured. */
  lost?: number;
}

export function measuredLinks({ mesh: { servers } }: StoredMesh, directions: Direction[]): MeasuredLink[] {
  return servers.flatMap((listener, at) =>
    servers.slice(at + 1).map((dialler) => {
      const names = [listener.name, dialler.name];
      const ends = directions.filter(({ from, to }) => names.includes(from) && names.includes(to));
      return { listener: listener.name, dialler: dialler.name, ...measured(ends) };
    }),
  );
}

function measured(ends: Direction[]): Pick<MeasuredLink, "state" | "roundTrip" | "lost"> {
  const pings = ends.flatMap(({ ping }) => (ping ? [ping] : []));
  if (pings.length === 0) return { state: "unknown" };
  const lost = Math.max(...pings.map(lossOf));
  if (pings.some(({ received }) => received === 0)) return { state: "down", lost };
  const times = pings.flatMap(({ roundTrip }) => roundTrip ?? []);
  return { state: lost > 0 ? "lossy" : "up", roundTrip: times.length > 0 ? Math.max(...times) : undefined, lost };
}

/** Without an interface nothing is sent, and nothing arrives. */
export function lossOf({ sent, received }: { sent: number; received: number }): number {
  return received === 0 ? 1 : (sent - received) / sent;
}
