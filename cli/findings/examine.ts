import { type Probe, probe } from "../server/probe";
import type { Way } from "../server/way";
import type { StoredMesh } from "../stack/state";
import { clockFindings } from "./clocks";
import { type Direction, directionsOf } from "./directions";
import { type Expectation, expectationOf } from "./expectation";
import type { Finding } from "./finding";
import { linkFindings } from "./linkFindings";
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
  const expectations = new Map(names.map((name) => [name, expectationOf(stored, name)]));
  const probes = await Promise.all(names.map((name) => probe(name, stored.mesh.prefix, expectations.get(name)!, way)));
  return judge(stored, expectations, new Map(names.map((name, at) => [name, probes[at]!])));
}

/** The report that these answers make. */
export function judge(
  stored: StoredMesh,
  expectations: Map<string, Expectation>,
  probes: Map<string, Probe>,
): MeshReport {
  const { mesh, name } = stored;
  const names = mesh.servers.map((server) => server.name);
  const directions = names.flatMap((from) => directionsOf(from, stored, expectations.get(from)!, probes.get(from)!));
  const sees = (from: string, to: string) => directions.find((each) => each.from === from && each.to === to)!;

  const servers = names.flatMap((server) => {
    const { answer, error } = probes.get(server)!;
    if (answer) return serverFindings(server, stored.servers[server]!, expectations.get(server)!, answer);
    return [
      unreachable(
        server,
        stored.servers[server]!,
        error!,
        directions.filter(({ to }) => to === server),
      ),
    ];
  });
  const answered = mesh.servers.filter((server) => probes.get(server.name)!.answer);
  const links = answered.flatMap((dialler) =>
    answered
      .filter((listener) => listener.index < dialler.index)
      .flatMap((listener) =>
        linkFindings(listener, dialler, [sees(listener.name, dialler.name), sees(dialler.name, listener.name)]),
      ),
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
