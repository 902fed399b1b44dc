import type { Direction } from "./findings/directions";
import type { MeshReport } from "./findings/examine";
import { type Finding, listed, span } from "./findings/finding";

export type Colour = "green" | "yellow" | "red" | "grey";
const codes: Record<Colour, number> = { green: 32, yellow: 33, red: 31, grey: 90 };

/** A cell of a table. */
export interface Cell {
  text: string;
  colour?: Colour;
}

export interface Screen {
  /** Characters in a line. A wide matrix is cut into blocks of columns. */
  width: number;
  colours: boolean;
}

/** The report for people: the matrix, and a line for each thing that is wrong. */
export function renderReport({ mesh, servers, directions, findings }: MeshReport, screen: Screen): string {
  const paint = painter(screen);
  const trips = directions.some(({ stable }) => stable.length > 0)
    ? "round trips (at the pair's address | at the server's own)"
    : "round trip";
  const heading = `${mesh}: ${servers.length} servers. From each row to each column: ${trips}, packets lost, last handshake`;
  const problems = findings.map((finding) => findingLine(finding, paint));
  return [
    heading,
    "",
    ...matrix(servers, directions, screen.width, paint),
    ...problems,
    verdict(findings, paint),
    "",
  ].join("\n");
}

type Paint = (cell: Cell) => string;

export function painter({ colours }: Screen): Paint {
  return ({ text, colour }) => (colours && colour ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

export function findingLine({ servers, message, remedy }: Finding, paint: Paint): string {
  return [
    paint({ text: "✗", colour: "red" }),
    `${servers.join(" – ")}: ${message}`,
    paint({ text: `→ ${remedy}`, colour: "grey" }),
  ].join(" ");
}

export function verdict(findings: Finding[], paint: Paint): string {
  if (findings.length === 0) return paint({ text: "✓ all is well", colour: "green" });
  const affected = [...new Set(findings.flatMap(({ servers }) => servers))];
  return `${findings.length} ${findings.length === 1 ? "problem" : "problems"} on ${listed(affected)}`;
}

function matrix(servers: string[], directions: Direction[], width: number, paint: Paint): string[] {
  const columns = servers.map((to) => [
    { text: to },
    ...servers.map((from) => (from === to ? { text: "·", colour: "grey" as const } : cellOf(directions, from, to))),
  ]);
  return table([["", ...servers].map((text) => ({ text })), ...columns], width, paint);
}

/** Columns beside each other, the first one again before each block of those that fit into the width. */
export function table([head = [], ...columns]: Cell[][], width: number, paint: Paint): string[] {
  const widthOf = (column: Cell[]) => Math.max(...column.map(({ text }) => text.length)) + 2;
  const lines: string[] = [];
  for (let first = 0; first < columns.length; ) {
    const block = [head];
    let used = widthOf(head);
    do {
      used += widthOf(columns[first]!);
      block.push(columns[first++]!);
    } while (first < columns.length && used + widthOf(columns[first]!) <= width);
    for (let row = 0; row < head.length; row++) {
      const cells = block.map(
        (column) => `${paint(column[row]!)}${" ".repeat(widthOf(column) - column[row]!.text.length)}`,
      );
      lines.push(cells.join("").trimEnd());
    }
    lines.push("");
  }
  return lines;
}

/** What one server sees of another, in few words. */
export function cellOf(directions: Direction[], from: string, to: string): Cell {
  const direction = directions.find((each) => each.from === from && each.to === to);
  if (!direction) return { text: "?", colour: "grey" };
  const { ping, handshakeAge } = direction;
  const handshake = handshakeAge === undefined ? "never" : span(handshakeAge);
  if (!ping) return { text: `no ping  ${handshake}`, colour: "grey" };
  if (ping.received === 0) return { text: `no answer  ${handshake}`, colour: "red" };
  const lost = Math.round(100 * (1 - ping.received / ping.sent));
  const stable = direction.stable.map((each) => each.ping);
  const times = [ping, ...stable].map((each) => (each.received > 0 ? milliseconds(each.roundTrip) : "no answer"));
  const text = `${times.join(" | ")}  ${lost} %  ${handshake}`;
  const well = lost === 0 && direction.fullSize !== false && stable.every(({ received }) => received > 0);
  return { text, colour: well ? "green" : "yellow" };
}

/** Three digits are enough. */
export function milliseconds(time = 0): string {
  return `${time < 10 ? time.toFixed(2) : time < 100 ? time.toFixed(1) : time.toFixed(0)} ms`;
}
