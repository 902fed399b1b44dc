import { type Inspection, parseInspection } from "./inspection";
import { sectionsOf } from "./sections";

/** What a server says of itself, as probe.sh prints it. */
export interface Answer {
  /** Seconds since 1970 by the server's clock when it began to answer. */
  time: number;
  /** Programs that it lacks. */
  missing: string[];
  /** Missing where there is no host program. */
  inspection?: Inspection;
  /** The handshakes' ages in seconds, by public key. */
  interfaces: Map<string, Map<string, number | undefined>>;
  /** Where each peer's packets go, as "HOST:PORT", by interface and public key. */
  endpoints: Map<string, Map<string, string>>;
  /** By the peer's address. */
  pings: Map<string, Ping>;
  /** Whether a packet of full size came back, by the peer's address. */
  fullSize: Map<string, boolean>;
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
    inspection: sections.has("inspection") ? parseInspection(lines("inspection")) : undefined,
    interfaces: new Map(named("interface").map(([name, of]) => [name, handshakesOf(of)])),
    endpoints: new Map(named("endpoints").map(([name, of]) => [name, endpointsOf(of)])),
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

/** Lines "PUBLIC-KEY HOST:PORT", with "(none)" for a peer that was never seen. */
function endpointsOf(lines: string[]): Map<string, string> {
  return new Map(lines.map((line) => line.split(/\s+/) as [string, string]));
}

/** Lines "PUBLIC-KEY AGE", with "never" for no handshake. */
function handshakesOf(lines: string[]): Map<string, number | undefined> {
  const words = lines.map((line) => line.split(" "));
  return new Map(words.map(([peer, age]) => [peer!, age === "never" ? undefined : Math.max(0, Number(age))]));
}
