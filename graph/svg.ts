import type { Mesh, Server, Service } from "../mesh/mesh";
import { isRelayed } from "../mesh/relay";
import { type Box, cornersOf } from "./geometry";
import { boxesOf, circleRadius, type Layout, layOut } from "./layout";
import { type LinkState, type LiveLink, liveLinkOf } from "./live";
import { styleSheet } from "./style";
import { linkWords, placeOf } from "./words";

const legendText = "An arrow leads from who dials to who listens; on it, the address of who dials. Dashed: private.";
const stateLegend: [LinkState, string][] = [
  ["up", "every packet came back"],
  ["lossy", "some were lost"],
  ["down", "no answer"],
  ["unknown", "not known"],
];

const margin = 36;
const wordHeight = 18;
const nameHeight = 22;
const serviceHeight = 26;
const wordWidth = (text: string) => text.length * 7.25;

/** The mesh as an SVG picture: arrows lead from who dials to who listens. With `live`, their colour is their state. */
export function svgOf(mesh: Mesh, live?: LiveLink[]): string {
  const { servers } = mesh;
  const linkOf = (dialler: Server, listener: Server) => liveLinkOf(live, dialler, listener);
  const labelOf = (dialler: Server, listener: Server) =>
    [linkWords(mesh, dialler, listener), linkOf(dialler, listener)?.roundTrip].filter(Boolean).join(" · ");
  const layout = layOut(
    servers.map((server) => ({
      ...sizeOf(mesh, server),
      arrows: servers.flatMap((listener, to) =>
        listener.index < server.index ? [{ to, labelWidth: wordWidth(labelOf(server, listener)) + 6 }] : [],
      ),
    })),
  );
  const colourOf = (from: number, to: number) =>
    live ? (linkOf(servers[from]!, servers[to]!)?.state ?? "unknown") : `server${from}`;

  const arrows = layout.arrows.map((arrow) =>
    drawArrow(arrow, colourOf(arrow.from, arrow.to), isRelayed(servers[arrow.to]!, servers[arrow.from]!)),
  );
  const labels = layout.arrows.map(({ from, to, label }) =>
    drawLabel(label, labelOf(servers[from]!, servers[to]!), colourOf(from, to)),
  );
  // Beside the colours of states, servers have none of their own.
  const nodes = servers.map((server, at) =>
    drawServer(mesh, server, live ? "neutral" : `server${at}`, layout.servers[at]!),
  );
  return frame(layout, servers, [...arrows, ...labels, ...nodes], live !== undefined);
}

function sizeOf(mesh: Mesh, server: Server): { width: number; height: number } {
  const services = servicesOf(mesh, server);
  const widths = [
    server.name.length * 9.5,
    ...placeOf(mesh, server).map(wordWidth),
    ...services.map((service) => wordWidth(nameOf(service)) + 24),
  ];
  const height = nameHeight + placeOf(mesh, server).length * wordHeight + services.length * serviceHeight;
  return { width: Math.max(...widths), height };
}

function servicesOf({ services }: Mesh, { name }: Server): Service[] {
  return services.filter(({ server }) => server === name);
}

function nameOf({ name, port }: Service): string {
  return `${name} :${port}`;
}

function drawArrow({ start, end }: Layout["arrows"][number], colour: string, relayed: boolean): string {
  const angle = Math.atan2(end.y - start.y, end.x - start.x);
  const wing = (turn: number) => at(end.x - 10 * Math.cos(angle + turn), end.y - 10 * Math.sin(angle + turn));
  return [
    `<path class="arrow line-${colour}"${relayed ? ' stroke-dasharray="6 5"' : ""} d="M${at(start.x, start.y)} L${at(end.x - 8 * Math.cos(angle), end.y - 8 * Math.sin(angle))}"/>`,
    `<path class="of-${colour}" d="M${at(end.x, end.y)} L${wing(0.36)} L${wing(-0.36)} Z"/>`,
  ].join("\n");
}

function drawLabel({ x, y, width, height, angle }: Box, text: string, colour: string): string {
  const turn = ((angle * 180) / Math.PI).toFixed(1);
  return [
    `<g transform="translate(${at(x, y)}) rotate(${turn})">`,
    `<rect class="background" x="${-width / 2}" y="${-height / 2}" width="${width}" height="${height}"/>`,
    `<text class="address of-${colour}" text-anchor="middle" dy="4">${text}</text>`,
    "</g>",
  ].join("\n");
}

function drawServer(mesh: Mesh, server: Server, colour: string, place: Layout["servers"][number]): string {
  const { centre, words } = place;
  const anchor = Math.abs(words.x - centre.x) < 1 ? "middle" : words.x > centre.x ? "start" : "end";
  const x = words.x + (anchor === "middle" ? 0 : ((anchor === "start" ? -1 : 1) * words.width) / 2);
  let y = words.y - words.height / 2;
  const text = (kind: string, content: string, height: number) => {
    y += height;
    return `<text class="${kind}" x="${x.toFixed(1)}" y="${(y - 5).toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
  };
  const lines = [
    text("name", server.name, nameHeight),
    ...placeOf(mesh, server).map((line) => text("address faint", line, wordHeight)),
    ...servicesOf(mesh, server).map((service) => {
      y += serviceHeight;
      const width = wordWidth(nameOf(service)) + 20;
      const left = anchor === "middle" ? x - width / 2 : anchor === "start" ? x : x - width;
      return [
        `<rect class="service" x="${left.toFixed(1)}" y="${(y - 21).toFixed(1)}" width="${width.toFixed(1)}" height="20" rx="10"/>`,
        `<text class="address service-name" x="${(left + width / 2).toFixed(1)}" y="${(y - 7).toFixed(1)}" text-anchor="middle">${nameOf(service)}</text>`,
      ].join("\n");
    }),
  ];
  const circle = `cx="${centre.x.toFixed(1)}" cy="${centre.y.toFixed(1)}" r="${circleRadius}"`;
  return [
    server.public
      ? `<circle class="of-${colour}" ${circle}/>`
      : `<circle class="server private background line-${colour}" ${circle}/>`,
    `<text class="number${server.public ? "" : ` of-${colour}`}" x="${centre.x.toFixed(1)}" y="${(centre.y + 6).toFixed(1)}">${server.index}</text>`,
    ...lines,
  ].join("\n");
}

function frame(layout: Layout, servers: Server[], content: string[], live: boolean): string {
  const legend = [legendText, ...(live ? [stateLegend.map(([, text]) => text).join("   ")] : [])];
  const corners = boxesOf(layout).flatMap(cornersOf);
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const legendWidth = Math.max(...legend.map(wordWidth));
  const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
  const width = Math.max(Math.max(...xs) - Math.min(...xs), legendWidth) + 2 * margin;
  const [left, top] = [middle - width / 2, Math.min(...ys) - margin];
  const below = Math.max(...ys) + margin;
  const height = below - top + legend.length * wordHeight + margin / 2;
  const line = (content: string, at: number) =>
    `<text class="faint" x="${middle.toFixed(1)}" y="${(below + at * wordHeight + 8).toFixed(1)}" text-anchor="middle">${content}</text>`;
  const states = stateLegend.map(([state, text]) => `<tspan class="of-${state}" dx="10">● ${text}</tspan>`);
  const words = [line(legendText, 0), ...(live ? [line(states.join(""), 1)] : [])];
  const box = [left, top, width, height].map((number) => number.toFixed(1)).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${Math.round(width)}" height="${Math.round(height)}" role="img">`,
    `<title>A mesh of ${servers.map(({ name }) => name).join(", ")}</title>`,
    `<style>${styleSheet(servers.length)}</style>`,
    `<rect class="background" x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="12"/>`,
    ...content,
    ...words,
    "</svg>",
    "",
  ].join("\n");
}

function at(x: number, y: number): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
