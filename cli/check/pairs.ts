import { endpointOf, type Mesh, type Server, wayFromTo } from "../../mesh/mesh";

/** Who dials whom, and where: as in the mesh, the server of the higher index. */
export interface Pair {
  dialler: string;
  listener: string;
  host: string;
  port: number;
}

/** Those that meet by way of a relay dial each other nowhere; each of them dials the relay. */
export function pairsOf({ servers }: Mesh): Pair[] {
  return servers.flatMap((dialler) =>
    servers.filter(({ index }) => index < dialler.index).flatMap((listener) => pairOf(listener, dialler)),
  );
}

function pairOf(listener: Server, dialler: Server): Pair[] {
  const way = wayFromTo(dialler, listener);
  if (way === undefined) return [];
  const { host, port } = endpointOf(listener, way);
  return [{ dialler: dialler.name, listener: listener.name, host: host!, port: port! }];
}

/**
 * The pairs in rounds, in each of which a server is part of one pair at most: a packet that another pair sends could open
 * a stateful firewall, and an SSH connection bears few commands at a time. The circle method of tournaments.
 */
export function roundsOf(names: string[], pairs: Pair[]): Pair[][] {
  const seats: (string | undefined)[] = names.length % 2 === 0 ? [...names] : [...names, undefined];
  const rounds: Pair[][] = [];
  for (let round = 1; round < seats.length; round++) {
    const meets = seats.slice(0, seats.length / 2).map((one, at) => [one, seats.at(-1 - at)]);
    rounds.push(
      pairs.filter(({ dialler, listener }) => meets.some((two) => two.includes(dialler) && two.includes(listener))),
    );
    seats.splice(1, 0, seats.pop());
  }
  return rounds.filter((round) => round.length > 0);
}
