import { randomBytes } from "node:crypto";
import type { Mesh } from "../../mesh/mesh";
import type { Way } from "../server/way";
import { type Pair, pairsOf, roundsOf } from "./pairs";
import { ask, type Listener, listen } from "./remote";
import type { Survey } from "./survey";

/** What came of a pair. */
export interface TriedPair extends Pair {
  /** It answered; or how far its packets came: to the listener's card, to its port, or nowhere known. */
  outcome: "answered" | "card" | "port" | "nowhere" | "not asked";
  /** Why it was not asked, or could not send. */
  why?: string;
  address?: string;
  family?: 4 | 6;
  /** Milliseconds. */
  roundTrip?: number;
  /** Bytes of the largest IP packet that came and went in one piece. */
  largest?: number;
}

/** Bytes of IP packets: as on most cards, PPPoE, clouds, tunnels within tunnels, down to what IPv6 asks of every link. */
const sizes = [
  ...[1500, 1492, 1488, 1480, 1472, 1460, 1450, 1440, 1430, 1420, 1410, 1400],
  ...[1390, 1380, 1370, 1360, 1350, 1340, 1320, 1300, 1280],
];

/** Milliseconds for all pairs, and seconds after which a listener ends by itself, whatever became of this process. */
const patience = 120_000;
const listenerSeconds = 240;

/** Tries every pair of servers that answer, in the direction in which the mesh dials. */
export async function tryPairs(mesh: Mesh, surveys: Map<string, Survey>, way: Way): Promise<TriedPair[]> {
  const pairs = pairsOf(mesh);
  const nonce = randomBytes(12).toString("hex");
  const askable = pairs.filter(({ dialler, listener }) => surveys.has(dialler) && surveys.has(listener));
  const listeners = await startListeners(mesh, askable, surveys, nonce, way);
  const results = new Map<Pair, TriedPair>();
  const end = Date.now() + patience;
  try {
    for (const round of roundsOf([...surveys.keys()], askable)) {
      if (Date.now() > end) break;
      const tried = await Promise.all(round.map((pair) => tryPair(pair, listeners.get(pair.listener)!, nonce, way)));
      for (const [at, pair] of round.entries()) results.set(pair, tried[at]!);
    }
  } finally {
    for (const listener of listeners.values()) listener.close();
  }
  return pairs.map((pair) => results.get(pair) ?? { ...pair, outcome: "not asked", why: whyNot(pair, surveys) });
}

function whyNot({ dialler, listener }: Pair, surveys: Map<string, Survey>): string {
  const silent = [dialler, listener].filter((name) => !surveys.has(name));
  return silent.length > 0 ? `${silent.join(" and ")} cannot be asked` : `${patience / 1000} s were not enough`;
}

async function startListeners(
  mesh: Mesh,
  pairs: Pair[],
  surveys: Map<string, Survey>,
  nonce: string,
  way: Way,
): Promise<Map<string, Listener>> {
  const names = [...new Set(pairs.map(({ listener }) => listener))];
  const started = names.map(async (name) => {
    const port = String(mesh.servers.find((server) => server.name === name)!.wgPort);
    const asRoot = ["root", "sudo"].includes(surveys.get(name)!.login);
    const argv = [port, nonce, String(listenerSeconds)];
    return [name, await listen(way, name, { file: "listen.pl", argv, asRoot })] as const;
  });
  return new Map(await Promise.all(started));
}

async function tryPair(pair: Pair, listener: Listener, nonce: string, way: Way): Promise<TriedPair> {
  if (listener.error) return { ...pair, outcome: "not asked", why: `${pair.listener}: ${listener.error}` };
  const id = `${pair.dialler}.${pair.listener}`;
  const argv = [pair.host, String(pair.port), nonce, id, sizes.join(" ")];
  const { stdout, error } = await ask(way, pair.dialler, { file: "dial.pl", argv, asRoot: false });
  if (error) return { ...pair, outcome: "not asked", why: `${pair.dialler}: ${error}` };
  const answer = /^(answer|silence) (\S+) (4|6) ?(\S*)$/m.exec(stdout);
  const at = { ...pair, address: answer?.[2], family: Number(answer?.[3] ?? 4) as 4 | 6 };
  if (answer?.[1] !== "answer") return { ...at, outcome: reached(listener.lines, id) };
  const passed = [...stdout.matchAll(/^size (\d+)$/gm)].map(([, size]) => Number(size));
  return { ...at, outcome: "answered", roundTrip: Number(answer[4]), largest: Math.max(0, ...passed) };
}

/** How far the packets of a pair came; without root the listener sees the port alone. */
function reached(lines: string[], id: string): TriedPair["outcome"] {
  const seen = (kind: string) => lines.some((line) => line.startsWith(`${kind} ${id} `));
  if (seen("port")) return "port";
  return seen("card") ? "card" : "nowhere";
}
