import type { Distance, Forwarding, Large, Phase, Profile, Program, Section } from "../results";
import { growth, median } from "../statistics";
import { type Bar, drawBars } from "./bars";
import { figure, table } from "./table";

export function scaleTable({ rows }: Section<Large>): string {
  const done = ["first", "idle", "add", "remove"] as const;
  const nameOf = ({ size, commit }: Large) => `N = ${size}${commit ? `, the older form (${commit})` : ""}`;
  const body = rows.map((row) => [nameOf(row), ...done.map((operation) => figure(row.seconds[operation]))]);
  const failures = rows.flatMap((row) =>
    row.failure
      ? [
          `${nameOf(row)} went no further, with ${interfacesOf(row.size)} interfaces, each a process of wireguard-go: ${row.failure}`,
        ]
      : [],
  );
  const head = ["Seconds", "first deployment", "nothing to do", "adding a server", "removing it again"];
  return [table(head, body), ...failures].join("\n\n");
}

/** How long an operation takes from each distance, and how many round trips one after another that makes. */
export function distanceTable({ rows }: Section<Distance>): string {
  const distances = [...new Set(rows.map(({ roundTrip }) => roundTrip))].sort((one, other) => one - other);
  const titles = { first: "First deployment", change: "Another WireGuard port", idle: "Nothing to do" };
  const body = (["first", "change", "idle"] as const).flatMap((operation) =>
    [...new Set(rows.map(({ tool }) => tool))].map((tool) => {
      const seconds = distances.map((distance) => {
        const row = rows.find(
          (each) => each.tool === tool && each.operation === operation && each.roundTrip === distance,
        );
        return row && median(row.seconds);
      });
      const [near, far] = [seconds[0], seconds.at(-1)];
      const trips = near === undefined || far === undefined ? undefined : ((far - near) * 1000) / distances.at(-1)!;
      return [
        `${titles[operation]}, ${tool}`,
        ...seconds.map(figure),
        trips === undefined ? "–" : `${Math.max(0, Math.round(trips))}`,
      ];
    }),
  );
  const head = ["Median seconds", ...distances.map((distance) => `${distance} ms`), "round trips one after another"];
  return table(head, body);
}

/** All but the last server listen, and each pair has an interface that dials. */
function interfacesOf(size: number): number {
  return size - 1 + (size * (size - 1)) / 2;
}

export function programTable({ rows }: Section<Program>): string {
  const power = (pick: (row: Program) => number) => {
    const exponent = growth(rows.map((row) => ({ size: row.size, value: pick(row) })));
    return exponent === undefined ? "–" : `N^${exponent.toFixed(2)}`;
  };
  const body = rows.map(({ size, resources, mocks, preview }) => [
    `N = ${size}`,
    `${resources}`,
    figure(mocks.seconds),
    `${mocks.memoryMib}`,
    figure(preview),
  ]);
  const growths = ["grows with", "", power((row) => row.mocks.seconds), "", power((row) => row.preview)];
  return table(["", "resources", "program alone, s", "its memory, MiB", "preview, s"], [...body, growths]);
}

export function forwardTable({ rows }: Section<Forwarding>): string {
  const names = { veth: "plain network", mesh: "mesh" };
  const body = rows.map(({ network, way, megabitsPerSecond, connectionsPerSecond }) => [
    `${names[network]}, ${way}`,
    `${Math.round(median(megabitsPerSecond))}`,
    `${Math.round(median(connectionsPerSecond))}`,
  ]);
  return table(["", "Mbit/s", "connections/s"], body);
}

export function forwardPlot({ rows }: Section<Forwarding>): string {
  const names = { veth: "plain network", mesh: "mesh" };
  const bars = rows.map(
    ({ network, way, megabitsPerSecond }): Bar => ({
      label: `${names[network]}, ${way}`,
      from: 0,
      to: Math.round(median(megabitsPerSecond)),
      kind: network === "veth" ? 0 : 1,
    }),
  );
  return drawBars("Throughput to a service", "Mbit/s", bars);
}

export function profilePlot({ operation, size, phases }: Profile): string {
  const title = operation === "first" ? `First deployment of ${size} servers` : `${size} servers, nothing to do`;
  const bars = phases.map(({ name, from, to }): Bar => ({ label: name, from, to, kind: kindOf(name) }));
  return drawBars(title, "ms from the start", bars);
}

function kindOf(phase: string): number {
  if (phase.startsWith("the engine")) return 2;
  return phase.startsWith("the pro") ? 0 : 1;
}

export function profileTable({ rows }: Section<Profile>): string {
  return rows
    .map(({ operation, total, connection, phases, packages }) => {
      const summary = summaryOf(phases).map(([name, time]) => [name, `${time}`]);
      const heading = operation === "first" ? "First deployment" : "Nothing to do";
      const list = packages.slice(0, 10).map(({ name, milliseconds }) => `\`${name}\` ${milliseconds}`);
      return [
        table([`${heading}, ${total} ms in all`, "ms"], summary),
        `An SSH connection that runs nothing takes ${connection} ms. Loading the program's packages, in ms of each package's` +
          ` own files: ${list.join(", ")}.`,
      ].join("\n\n");
    })
    .join("\n\n");
}

/** The phases that follow one another, with all SSH connections together as one. */
function summaryOf(phases: Phase[]): [string, number][] {
  const all = phases.filter(({ name }) => /^\S+ (host|mesh|delete)$/.test(name));
  const others = phases.filter((phase) => !all.includes(phase));
  const rows = others.map(({ name, from, to }): [string, number] => [name, to - from]);
  if (all.length === 0) return rows;
  const steps = new Map<string, number[]>();
  for (const { name, from, to } of all) {
    const step = name.split(" ")[1]!;
    steps.set(step, [...(steps.get(step) ?? []), to - from]);
  }
  const span = Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from }) => from));
  const each = [...steps].map(([step, times]): [string, number] => [`… of these, \`${step}\` (median)`, median(times)]);
  return [...rows.slice(0, -1), [`SSH: ${all.length} Commands`, span], ...each, ...rows.slice(-1)];
}
