import type { Direction } from "./findings/directions";
import type { MeshReport } from "./findings/examine";
import { listed, span } from "./findings/finding";

type Colour = "green" | "yellow" | "red" | "grey";
const codes: Record<Colour, number> = { green: 32, yellow: 33, red: 31, grey: 90 };

interface Cell {
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
  const paint = ({ text, colour }: Cell) =>
    screen.colours && colour ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  const heading = `${mesh}: ${servers.length} servers. From each row to each column: round trip, packets lost, last handshake`;
  const problems = findings.map(({ servers: of, message, remedy }) =>
    [
      paint({ text: "✗", colour: "red" }),
      `${of.join(" – ")}: ${message}`,
      paint({ text: `→ ${remedy}`, colour: "grey" }),
    ].join(" "),
  );
  const verdict =
    findings.length === 0
      ? paint({ text: "✓ all is well", colour: "green" })
      : `${findings.length} ${findings.length === 1 ? "problem" : "problems"} on ${listed([...new Set(findings.flatMap(({ servers: of }) => of))])}`;
  return [heading, "", ...matrix(servers, directions, screen.width, paint), ...problems, verdict, ""].join("\n");
}

function matrix(servers: string[], directions: Direction[], width: number, paint: (cell: Cell) => string): string[] {
  const columns = servers.map((to) => [
    { text: to },
    ...servers.map((from) => (from === to ? { text: "·", colour: "grey" as const } : cellOf(directions, from, to))),
  ]);
  const head = ["", ...servers].map((text) => ({ text }));
  const widthOf = (column: Cell[]) => Math.max(...column.map(({ text }) => text.length)) + 2;
  const lines: string[] = [];
  for (let first = 0; first < columns.length; ) {
    const block = [head];
    let used = widthOf(head);
    do {
      used += widthOf(columns[first]!);
      block.push(columns[first++]!);
    } while (first < columns.length && used + widthOf(columns[first]!) <= width);
    for (let row = 0; row <= servers.length; row++) {
      const cells = block.map(
        (column) => `${paint(column[row]!)}${" ".repeat(widthOf(column) - column[row]!.text.length)}`,
      );
      lines.push(cells.join("").trimEnd());
    }
    lines.push("");
  }
  return lines;
}

function cellOf(directions: Direction[], from: string, to: string): Cell {
  const direction = directions.find((each) => each.from === from && each.to === to);
  if (!direction) return { text: "?", colour: "grey" };
  const { ping, handshakeAge } = direction;
  const handshake = handshakeAge === undefined ? "never" : span(handshakeAge);
  if (!ping) return { text: `no ping  ${handshake}`, colour: "grey" };
  if (ping.received === 0) return { text: `no answer  ${handshake}`, colour: "red" };
  const lost = Math.round(100 * (1 - ping.received / ping.sent));
  const text = `${milliseconds(ping.roundTrip)}  ${lost} %  ${handshake}`;
  return { text, colour: lost > 0 || direction.fullSize === false ? "yellow" : "green" };
}

/** Three digits are enough. */
export function milliseconds(time = 0): string {
  return `${time < 10 ? time.toFixed(2) : time < 100 ? time.toFixed(1) : time.toFixed(0)} ms`;
}
