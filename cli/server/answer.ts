import { sectionsOf } from "./sections";

/** What a server says of itself, as host/probe.sh prints it. */
export interface Answer {
  /** Seconds since 1970 by the server's clock when it began to answer. */
  time: number;
  /** Programs that it lacks. */
  missing: string[];
  /** By section: files, with placeholders for keys. */
  files: Map<string, string[]>;
  interfaces: Map<string, { publicKey: string; handshakes: Map<string, number | undefined> }>;
  /** The firewall's table in the kernel: loaded, changed or missing. */
  table: string;
  units: Map<string, Unit>;
  /** Units of the mesh that ended with an error. */
  failed: string[];
  /** "ADDRESS:PORT" of every listening TCP socket. */
  listening: string[];
  /** By the peer's address. */
  pings: Map<string, Ping>;
  /** Whether a packet of full size came back, by the peer's address. */
  fullSize: Map<string, boolean>;
}

interface Unit {
  running: boolean;
  enabled: boolean;
}

export interface Ping {
  sent: number;
  received: number;
  /** Milliseconds, on average. */
  roundTrip?: number;
}

/** The answer in parts; undefined where it broke off. */
export function parseAnswer(text: string): Answer | undefined {
  const sections = new Map([...sectionsOf(text)].map(([name, lines]) => [name, lines.map((line) => line.slice(1))]));
  if (!sections.has("end")) return undefined;
  const lines = (name: string) => sections.get(name) ?? [];
  const named = (kind: string) =>
    [...sections].flatMap(([name, of]) =>
      name.startsWith(`${kind} `) ? [[name.slice(kind.length + 1), of] as const] : [],
    );
  return {
    time: Number(lines("time")[0]),
    missing: lines("missing"),
    files: sections,
    interfaces: new Map(named("interface").map(([name, of]) => [name, interfaceOf(of)])),
    table: lines("table")[0] ?? "missing",
    units: unitsOf(lines("units")),
    failed: lines("failed"),
    listening: lines("listening"),
    pings: new Map(named("ping").map(([address, of]) => [address, pingOf(of.join("\n"))])),
    fullSize: new Map(named("full").map(([address, of]) => [address, pingOf(of.join("\n")).received > 0])),
  };
}

/** "5 packets transmitted, 4 received, …" and "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms"; an error has neither. */
export function pingOf(text: string): Ping {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(text);
  const roundTrip = / = [\d.]+\/([\d.]+)\//.exec(text)?.[1];
  return {
    sent: Number(counts?.[1] ?? 0),
    received: Number(counts?.[2] ?? 0),
    ...(roundTrip && { roundTrip: Number(roundTrip) }),
  };
}

function interfaceOf(lines: string[]) {
  const words = lines.map((line) => line.split(" "));
  const handshakes = words.filter(([kind]) => kind === "handshake");
  return {
    publicKey: words.find(([kind]) => kind === "public-key")?.[1] ?? "",
    handshakes: new Map(
      handshakes.map(([, peer, age]) => [peer!, age === "never" ? undefined : Math.max(0, Number(age))]),
    ),
  };
}

/** Blocks of "KEY=VALUE", as systemctl show prints them. */
function unitsOf(lines: string[]): Map<string, Unit> {
  const blocks = lines.join("\n").split(/\n{2,}/);
  const units = blocks.map((block) => new Map(block.split("\n").map((line) => splitAt(line, "="))));
  return new Map(units.filter((unit) => unit.get("Id")).map((unit) => [unit.get("Id")!, stateOf(unit)]));
}

/** A unit that does its work and ends is well unless it failed; every other is to be active. */
function stateOf(unit: Map<string, string>): Unit {
  const ends = unit.get("Type") === "oneshot" && unit.get("RemainAfterExit") === "no";
  const state = unit.get("ActiveState");
  return { running: ends ? state !== "failed" : state === "active", enabled: unit.get("UnitFileState") === "enabled" };
}

function splitAt(line: string, mark: string): [string, string] {
  const at = line.indexOf(mark);
  return [line.slice(0, at), line.slice(at + mark.length)];
}
