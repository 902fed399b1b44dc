import type { Mesh, Server, Service } from "../mesh/mesh";
import { isRelayed } from "../mesh/relay";
import { type LinkState, type LiveLink, liveLinkOf } from "./live";
import { linkWords, placeOf } from "./words";

/** Up to so many servers an arrow has room for its addresses; beyond it, the servers' own tell them. */
const labelled = 5;

/** Mid tones, which read well on white and on black. */
const colours: Record<LinkState, string> = { up: "#2da44e", lossy: "#bf8700", down: "#e5534b", unknown: "#8c959f" };

interface Arrow {
  dialler: Server;
  listener: Server;
}

/** The mesh as a Mermaid flowchart, for a README: arrows lead from who dials to who listens. */
export function mermaidOf(mesh: Mesh, live?: LiveLink[]): string {
  const { servers, services } = mesh;
  const arrows = servers.flatMap((listener) =>
    servers.filter(({ index }) => index > listener.index).map((dialler) => ({ dialler, listener })),
  );
  return [
    "flowchart TB",
    ...servers.map((server) => node(mesh, server)),
    ...(servers.length <= labelled || live ? arrows.map((arrow) => drawArrow(mesh, arrow)) : sharedArrows(mesh)),
    ...services.map((service, at) => serviceNode(mesh, service, at)),
    ...(live ? linkStyles(arrows, live) : []),
    "classDef private stroke-dasharray: 5 4",
  ]
    .map((line, at) => `${at === 0 ? "" : "  "}${line}\n`)
    .join("");
}

function node(mesh: Mesh, server: Server): string {
  const words = [`<b>${server.name}</b>`, ...placeOf(mesh, server)];
  return `s${server.index}["${words.join("<br/>")}"]${server.public ? "" : ":::private"}`;
}

function serviceNode({ servers }: Mesh, { name, server, port }: Service, at: number): string {
  const { index } = servers.find((each) => each.name === server)!;
  return `service${at + 1}(["${name} :${port}"]) -.- s${index}`;
}

function drawArrow(mesh: Mesh, { dialler, listener }: Arrow): string {
  const label = mesh.servers.length <= labelled ? `|"${linkWords(mesh, dialler, listener)}"|` : "";
  return `s${dialler.index} ${isRelayed(listener, dialler) ? "-.->" : "-->"}${label} s${listener.index}`;
}

/** All arrows to a server in one line. */
function sharedArrows({ servers }: Mesh): string[] {
  return servers.slice(0, -1).flatMap((listener, at) =>
    ["-->", "-.->"].flatMap((arrow) => {
      const diallers = servers.slice(at + 1).filter((dialler) => isRelayed(listener, dialler) === (arrow === "-.->"));
      const indexes = diallers.map(({ index }) => `s${index}`);
      return indexes.length === 0 ? [] : [`${indexes.join(" & ")} ${arrow} s${listener.index}`];
    }),
  );
}

/** Mermaid knows arrows by their number in the text. */
function linkStyles(arrows: Arrow[], live: LiveLink[]): string[] {
  const states = arrows.map(({ dialler, listener }) => liveLinkOf(live, dialler, listener)?.state ?? "unknown");
  return (Object.keys(colours) as LinkState[]).flatMap((state) => {
    const numbers = states.flatMap((each, number) => (each === state ? [number] : []));
    return numbers.length === 0 ? [] : [`linkStyle ${numbers.join(",")} stroke:${colours[state]}`];
  });
}
