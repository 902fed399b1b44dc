import { writeFileSync } from "node:fs";
import type { LiveLink } from "../graph/live";
import { mermaidOf } from "../graph/mermaid";
import { svgOf } from "../graph/svg";
import type { Direction } from "./findings/directions";
import { examine } from "./findings/examine";
import { milliseconds } from "./report";
import { SshFiles } from "./server/sshFiles";
import { CommandError } from "./stack/pulumi";
import { type StoredMesh, storedMeshes } from "./stack/state";

export interface GraphOptions {
  stack?: string;
  identity?: string;
  /** Which FakeVpc, where the stack has several. */
  mesh?: string;
  format?: string;
  /** A file; standard output by default. */
  output?: string;
  live: boolean;
}

/** `fakevpc graph`: the mesh as the stack describes it, and with `live` as it is. */
export async function graph(options: GraphOptions): Promise<number> {
  const draw = { mermaid: mermaidOf, svg: svgOf }[options.format ?? "mermaid"];
  if (!draw) throw new CommandError(`"${options.format}" is not a format: mermaid or svg`);
  const showSecrets = options.live && options.identity === undefined;
  const [stored, ...more] = storedMeshes(options.stack, { mesh: options.mesh, showSecrets }) as [StoredMesh];
  if (more.length > 0) throw new CommandError("the stack has several meshes: choose one by --mesh NAME");
  const picture = draw(stored.mesh, options.live ? await liveLinks(stored, options.identity) : undefined);
  if (options.output === undefined) process.stdout.write(picture);
  else writeFileSync(options.output, picture);
  return 0;
}

async function liveLinks(stored: StoredMesh, identity: string | undefined): Promise<LiveLink[]> {
  const ssh = new SshFiles(stored, identity);
  try {
    return linksOf(stored, (await examine(stored, ssh)).directions);
  } finally {
    ssh.close();
  }
}

/** Each link as the worse of what its two ends see. */
export function linksOf({ mesh: { servers } }: StoredMesh, directions: Direction[]): LiveLink[] {
  return servers.flatMap((listener, at) =>
    servers.slice(at + 1).map((dialler) => {
      const ends = [listener.name, dialler.name];
      const pings = directions.flatMap(({ from, to, ping }) =>
        ping && ends.includes(from) && ends.includes(to) ? [ping] : [],
      );
      const state =
        pings.length === 0
          ? "unknown"
          : pings.some(({ received }) => received === 0)
            ? "down"
            : pings.some(({ sent, received }) => received < sent)
              ? "lossy"
              : "up";
      const times = pings.flatMap(({ roundTrip }) => (roundTrip === undefined ? [] : [roundTrip]));
      const roundTrip = state === "down" || times.length === 0 ? undefined : milliseconds(Math.max(...times));
      return { listener: listener.name, dialler: dialler.name, state, roundTrip };
    }),
  );
}
