import type { Direction } from "./directions";
import type { Finding } from "./finding";

/**
 * The addresses of a peer, the same from everywhere, that do not answer a server although the pair's own address does. "causeOf"
 * tells what is wrong with an address on one of the two servers.
 */
export function addressFindings(
  { from, to, ping, stable }: Direction,
  causeOf: (server: string, address: string) => string | undefined,
): Finding[] {
  if (!ping || ping.received === 0) return [];
  const silent = stable.filter((each) => each.ping.received === 0);
  return silent.map(({ address }) => {
    const mend = [to, from]
      .map((server) => ({ server, cause: causeOf(server, address) }))
      .filter(({ cause }) => cause !== undefined)
      .map(({ server, cause }) => `mend ${server} first: ${cause}`);
    return {
      kind: "address",
      servers: [from, to],
      message: `${from} gets no answer from ${to} at ${address}, but does at the address of the pair`,
      remedy:
        mend.length > 0
          ? mend.join("; ")
          : `see by "ip route get ${address}" on ${from} whether another program's route or rule takes it from the mesh's interface, and whether a firewall of ${to} drops it`,
    };
  });
}
