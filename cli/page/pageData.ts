import type { LinkState } from "../../graph/live";
import { svgOf } from "../../graph/svg";
import type { Direction } from "../findings/directions";
import type { MeshReport } from "../findings/examine";
import type { Finding } from "../findings/finding";
import { type MeasuredLink, measuredLinks } from "../findings/links";
import { type Colour, cellOf, milliseconds } from "../report";
import type { StoredMesh } from "../stack/state";
import type { History, Point } from "./history";

/** All that the page shows. It holds nothing secret: anybody on this machine may read it. */
export interface PageData {
  /** When the servers were asked, as ISO 8601 has it. */
  time: string;
  /** Whether news come; a file has none. */
  live: boolean;
  /** Why the stack could not be read anew. */
  problem?: string;
  meshes: PageMesh[];
}

interface PageMesh {
  name: string;
  servers: string[];
  /** By row and column; a server itself has no state. */
  matrix: { text: string; state?: LinkState }[][];
  findings: Finding[];
  links: { listener: string; dialler: string; state: LinkState; text: string; points: Point[] }[];
  /** SVG; missing where it would be a tangle. */
  picture?: string;
}

/** Servers up to which arrows can be told from each other. */
const drawable = 20;

const states: Record<Colour, LinkState> = { green: "up", yellow: "lossy", red: "down", grey: "unknown" };

/** A mesh for the page, and this look at it into the history. */
export function pageMesh(stored: StoredMesh, report: MeshReport, history: History): PageMesh {
  const { mesh: name, servers, directions, findings } = report;
  const links = measuredLinks(stored, directions);
  history.add(name, links);
  return {
    name,
    servers,
    matrix: matrixOf(servers, directions),
    findings,
    links: links.map((link) => ({
      listener: link.listener,
      dialler: link.dialler,
      state: link.state,
      text: textOf(link),
      points: history.of(name, link),
    })),
    // Without round trips, whose width would move everything with each look.
    picture: servers.length <= drawable ? svgOf(stored.mesh, links.map(withoutRoundTrip)) : undefined,
  };
}

export function pageData(meshes: PageMesh[], more: { live: boolean; problem?: string }): PageData {
  return { time: new Date().toISOString(), meshes, ...more };
}

function matrixOf(servers: string[], directions: Direction[]): PageMesh["matrix"] {
  return servers.map((from) =>
    servers.map((to) => {
      if (from === to) return { text: "·" };
      const { text, colour } = cellOf(directions, from, to);
      return { text, state: states[colour ?? "grey"] };
    }),
  );
}

function textOf({ state, roundTrip, lost }: MeasuredLink): string {
  if (state === "unknown") return "not known";
  if (state === "down") return "no answer";
  return `${roundTrip === undefined ? "" : `${milliseconds(roundTrip)}, `}${Math.round(100 * (lost ?? 0))} % lost`;
}

function withoutRoundTrip({ listener, dialler, state }: MeasuredLink) {
  return { listener, dialler, state };
}
