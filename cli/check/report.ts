import { type Cell, findingLine, milliseconds, painter, type Screen, table, verdict } from "../report";
import type { CheckReport } from "./check";
import type { TriedPair } from "./tryPairs";
import type { PairState } from "./ways";

/** A pair with the word for how it is. */
export type CheckedPair = TriedPair & {
  state: PairState;
  /** The server that hands its packets on, where its ends cannot meet. */
  relay?: string;
};

/** The report for people: who reaches whom, a line for each thing that is wrong, and what is good to know. */
export function renderCheck({ servers, pairs, findings, notes }: CheckReport, screen: Screen): string {
  const paint = painter(screen);
  const diallers = servers.filter((name) => pairs.some(({ dialler }) => dialler === name));
  const listeners = servers.filter((name) => pairs.some(({ listener }) => listener === name));
  const columns = listeners.map((listener): Cell[] => [
    { text: listener },
    ...diallers.map((dialler) => cellOf(pairs.find((each) => each.dialler === dialler && each.listener === listener))),
  ]);
  const heading = `${servers.length} servers. From each row to each column, as the mesh dials by UDP: round trip, largest packet`;
  const said = notes.map(
    (note) => `${paint({ text: "·", colour: "yellow" })} ${note.servers.join(" – ")}: ${note.message}`,
  );
  return [
    ...[heading, ""],
    ...table([["", ...diallers].map((text) => ({ text })), ...columns], screen.width, paint),
    ...findings.map((finding) => findingLine(finding, paint)),
    ...said,
    ...[verdict(findings, paint), ""],
  ].join("\n");
}

function cellOf(pair: CheckedPair | undefined): Cell {
  const by = pair?.relay === undefined ? "" : `by ${pair.relay}  `;
  switch (pair?.state) {
    case undefined:
      return { text: "·", colour: "grey" };
    case "reaches":
      return { text: `reaches  ${by}${milliseconds(pair.roundTrip)}  ${pair.largest}`, colour: "green" };
    case "opens":
      return { text: `${by}openFirewall lets it in`, colour: "yellow" };
    case "blocked":
      return { text: `${by}blocked`, colour: "red" };
    default:
      return { text: "cannot be asked", colour: "grey" };
  }
}
