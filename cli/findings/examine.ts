import { type Probe, probe } from "../server/probe";
import type { Way } from "../server/way";
import type { StoredMesh } from "../stack/state";
import { addressFindings } from "./addressFindings";
import { clockFindings } from "./clocks";
import { type Direction, directionsOf } from "./directions";
import type { Finding } from "./finding";
import { linkFindings } from "./linkFindings";
import { peersOf } from "./peers";
import { serverFindings } from "./serverFindings";
import { unreachable } from "./unreachable";

/** How a mesh is. */
export interface MeshReport {
  mesh: string;
  /** By index. */
  servers: string[];
  directions: Direction[];
  findings: Finding[];
}

/** Asks all servers at once, and judges what they say. */
export async function examine(stored: StoredMesh, way: Way): Promise<MeshReport> {
  const names = stored.mesh.servers.map(({ name }) => name);
  const { mesh } = stored;
  const probes = await Promise.all(names.map((name) => probe(name, mesh.prefix, peersOf(mesh, name), way)));
  return judge(stored, new Map(names.map((name, at) => [name, probes[at]!])));
}

/** The report that these answers make. */
export function judge(stored: StoredMesh, probes: Map<string, Probe>): MeshReport {
  const { mesh, name } = stored;
  const names = mesh.servers.map((server) => server.name);
  const directions = names.flatMap((from) => directionsOf(from, stored, probes.get(from)!));
  const sees = (from: string, to: string) => directions.find((each) => each.from === from && each.to === to)!;

  const servers = names.flatMap((server) => {
    const { answer, error } = probes.get(server)!;
    if (answer) return serverFindings(server, stored.servers[server]!, answer);
    return [
      unreachable(
        server,
        stored.servers[server]!,
        error!,
        directions.filter(({ to }) => to === server),
      ),
    ];
  });
  const saidBy = (server: string) => {
    const { changes = [], warnings = [] } = probes.get(server)!.answer!.inspection ?? {};
    return [...warnings.map(({ message }) => message), ...changes];
  };
  const answered = mesh.servers.filter((server) => probes.get(server.name)!.answer);
  const links = answered.flatMap((dialler) =>
    answered
      .filter((listener) => listener.index < dialler.index)
      .flatMap((listener) => {
        const ends: [Direction, Direction] = [sees(listener.name, dialler.name), sees(dialler.name, listener.name)];
        return [
          ...linkFindings(listener, dialler, ends, (server, name) => naming(saidBy(server), name, /[ :@.]/)),
          ...ends.flatMap((end) => addressFindings(end, (server, address) => naming(saidBy(server), address, /[ /]/))),
        ];
      }),
  );
  const offsets = [...probes].flatMap(([server, { clockOffset }]) =>
    clockOffset === undefined ? [] : [[server, clockOffset] as const],
  );
  return {
    mesh: name,
    servers: names,
    directions,
    findings: [...links, ...servers, ...clockFindings(new Map(offsets))],
  };
}

/** The first of these texts that has this word. */
function naming(texts: string[], word: string, between: RegExp): string | undefined {
  return texts.find((text) => text.split(between).includes(word));
}
