import type { Direction } from "./findings/directions";
import type { MeshReport } from "./findings/examine";
import type { Finding } from "./findings/finding";
import { lossOf } from "./findings/links";

/** Findings that are no difference from the stack, but trouble on the way or beside the mesh. */
const noDrift: Finding["kind"][] = ["ssh", "link", "loss", "mtu", "address", "clock", "warning"];

type Labels = Record<string, string>;

interface Sample {
  labels: Labels;
  value: number;
}

/** The reports as metrics in Prometheus' text format, for node_exporter's textfile collector. */
export function renderMetrics(reports: MeshReport[], now = Date.now() / 1000): string {
  const ofDirections = (value: (direction: Direction) => number | undefined) =>
    reports.flatMap(({ mesh, directions }) =>
      directions.flatMap((direction) => sample({ mesh, from: direction.from, to: direction.to }, value(direction))),
    );
  const ofServers = (value: (findings: Finding[]) => number) =>
    reports.flatMap(({ mesh, servers, findings }) =>
      servers.map((server) => ({
        labels: { mesh, server },
        value: value(findings.filter((each) => each.servers.includes(server))),
      })),
    );
  return [
    metric(
      "fakevpc_link_up",
      "Whether packets from one server to another come back.",
      ofDirections(({ ping }) => ping && Number(ping.received > 0)),
    ),
    metric(
      "fakevpc_link_round_trip_seconds",
      "Round trip over the mesh, on average of some packets.",
      ofDirections(({ ping }) => ping?.roundTrip && ping.roundTrip / 1000),
    ),
    metric(
      "fakevpc_link_lost_ratio",
      "Share of packets that did not come back.",
      ofDirections(({ ping }) => ping && lossOf(ping)),
    ),
    metric(
      "fakevpc_link_last_handshake_timestamp_seconds",
      "When WireGuard last shook hands, in seconds since 1970.",
      ofDirections(({ handshakeAge }) => (handshakeAge === undefined ? undefined : Math.round(now - handshakeAge))),
    ),
    metric(
      "fakevpc_link_relay_info",
      "Which server hands the packets of a link on, where its ends cannot meet.",
      reports.flatMap(({ mesh, directions }) =>
        directions.flatMap(({ from, to, relay }) => (relay ? [{ labels: { mesh, from, to, relay }, value: 1 }] : [])),
      ),
    ),
    metric(
      "fakevpc_server_reachable",
      "Whether the server answers by SSH.",
      ofServers((findings) => Number(findings.every(({ kind }) => kind !== "ssh"))),
    ),
    metric(
      "fakevpc_server_drift",
      "Files, units, interfaces and keys of the server that are not as the stack says.",
      ofServers((findings) => findings.filter(({ kind }) => !noDrift.includes(kind)).length),
    ),
    metric(
      "fakevpc_findings",
      "All that is wrong in the mesh, as fakevpc status tells it.",
      reports.map(({ mesh, findings }) => ({ labels: { mesh }, value: findings.length })),
    ),
    metric("fakevpc_status_timestamp_seconds", "When the servers were asked, in seconds since 1970.", [
      { labels: {}, value: Math.round(now) },
    ]),
  ].join("");
}

function sample(labels: Labels, value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}

function metric(name: string, help: string, samples: Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(({ labels, value }) => `${name}${textOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
