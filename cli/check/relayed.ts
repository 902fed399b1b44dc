import type { Mesh, Server } from "../../mesh/mesh";
import { wayFromTo } from "../../mesh/mesh";
import { overhead, relayEndpoints } from "../../mesh/relay";
import type { CheckedPair } from "./report";
import type { PairState } from "./ways";

/** From the best to the worst; a way is as good as the worse of its legs. */
const order: PairState[] = ["reaches", "opens", "unknown", "blocked"];

/** The pairs that meet by relays alone, each as its best relay makes it, by how both ends reach that relay. */
export function relayedPairs(mesh: Mesh, pairs: CheckedPair[]): CheckedPair[] {
  return mesh.servers.flatMap((dialler) =>
    mesh.servers
      .filter((listener) => listener.index < dialler.index && wayFromTo(dialler, listener) === undefined)
      .flatMap((listener) => {
        const ways = listener.relays.map((_, at) => wayBy(at, listener, dialler, mesh, pairs));
        return ways.sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state)).slice(0, 1);
      }),
  );
}

function wayBy(at: number, listener: Server, dialler: Server, mesh: Mesh, pairs: CheckedPair[]): CheckedPair {
  const relay = listener.relays[at]!;
  const legs = [dialler, listener].flatMap(({ name }) =>
    pairs.filter((pair) => pair.dialler === name && pair.listener === relay),
  );
  const state = order[Math.max(...legs.map((leg) => order.indexOf(leg.state)))]!;
  const way = {
    ...{ dialler: dialler.name, listener: listener.name, ...relayEndpoints(mesh, listener, dialler)[at]!, relay },
    state,
    outcome: state === "reaches" ? ("answered" as const) : ("not asked" as const),
  };
  if (state !== "reaches") return way;
  return {
    ...way,
    roundTrip: legs.reduce((sum, leg) => sum + leg.roundTrip!, 0),
    largest: Math.min(...legs.map((leg) => leg.largest!)) - overhead,
  };
}
