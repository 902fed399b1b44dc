import { writeFileSync } from "node:fs";
import type { LiveLink } from "../graph/live";
import { mermaidOf } from "../graph/mermaid";
import { svgOf } from "../graph/svg";
import type { Direction } from "./findings/directions";
import { examine } from "./findings/examine";
import { measuredLinks } from "./findings/links";
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

/** Each link as a picture shows it. */
export function linksOf(stored: StoredMesh, directions: Direction[]): LiveLink[] {
  return measuredLinks(stored, directions).map(({ listener, dialler, state, roundTrip }) => ({
    listener,
    dialler,
    state,
    roundTrip: roundTrip === undefined ? undefined : milliseconds(roundTrip),
  }));
}
