import type { LinkState } from "./live";

interface Scheme {
  background: string;
  text: string;
  faint: string;
  states: Record<LinkState, string>;
  /** Of a hue, a colour that reads well on the background. */
  ofHue: (hue: number) => string;
}

const light: Scheme = {
  background: "#ffffff",
  text: "#1f2328",
  faint: "#656d76",
  states: { up: "#1a7f37", lossy: "#9a6700", down: "#cf222e", unknown: "#8c959f" },
  ofHue: (hue) => `hsl(${hue}, 62%, 38%)`,
};

const dark: Scheme = {
  background: "#0d1117",
  text: "#e6edf3",
  faint: "#9198a1",
  states: { up: "#3fb950", lossy: "#d29922", down: "#f85149", unknown: "#6e7681" },
  ofHue: (hue) => `hsl(${hue}, 65%, 70%)`,
};

/** The picture's style sheet: it follows whoever looks at it between light and dark. Each server has a colour. */
export function styleSheet(servers: number): string {
  return `
    text { font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 12px }
    .name { font-size: 16px; font-weight: 600 }
    .number { font-size: 16px; font-weight: 700; text-anchor: middle }
    .address { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
    .arrow { fill: none; stroke-width: 1.5px }
    .service, .server { stroke-width: 1.5px }
    .private { stroke-dasharray: 5 4 }${colours(light, servers)}
    @media (prefers-color-scheme: dark) {${colours(dark, servers)}
    }
  `;
}

function colours({ background, text, faint, states, ofHue }: Scheme, servers: number): string {
  const named = [
    ...Object.entries(states),
    ["neutral", faint] as const,
    ...Array.from({ length: servers }, (_, at) => [`server${at}`, ofHue(hueOf(at, servers))] as const),
  ];
  return `
    .background, .number { fill: ${background} }
    .name { fill: ${text} }
    .faint { fill: ${faint} }
    .service { fill: none; stroke: ${faint} }
    .service-name { fill: ${text} }
${named.map(([name, colour]) => `    .of-${name} { fill: ${colour} } .line-${name} { stroke: ${colour} }`).join("\n")}`;
}

/** Neighbours on the ring are far apart in hue. */
function hueOf(at: number, servers: number): number {
  return servers <= 4 ? 215 + at * 85 : (215 + at * 137.5) % 360;
}
