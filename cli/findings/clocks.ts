import { type Finding, span } from "./finding";

/** Seconds by which clocks may differ; the way through SSH alone can take one of them. */
const tolerance = 2;

/**
 * Who is off, given by how much each server's clock is ahead of this machine's. This machine is one voice among them, so that
 * its own wrong clock accuses nobody.
 */
export function clockFindings(offsets: Map<string, number>): Finding[] {
  const right = median([0, ...offsets.values()]);
  return [...offsets]
    .map(([server, offset]) => [server, offset - right] as const)
    .filter(([, error]) => Math.abs(error) > tolerance)
    .map(([server, error]) => ({
      kind: "clock",
      servers: [server],
      message: `its clock is ${span(Math.abs(error))} ${error > 0 ? "ahead of" : "behind"} the others`,
      remedy:
        'switch time synchronisation on ("timedatectl set-ntp true"): a clock set back keeps WireGuard from new handshakes',
    }));
}

/** Of an even number, the lower one of the two in the middle: a clock that somebody has. */
function median(numbers: number[]): number {
  return numbers.sort((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)]!;
}
