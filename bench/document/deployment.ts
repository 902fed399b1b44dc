import { type Measurement, type Operation, operations, type Section } from "../results";
import { growth, median } from "../statistics";
import { drawLines, type Panel } from "./lines";
import { figure, table } from "./table";

const titles: Record<Operation, string> = {
  first: "First deployment",
  idle: "Nothing to do",
  add: "Adding a server",
  remove: "Removing it again",
  rebootOne: "Power-on of one server",
  rebootAll: "Power-on of all",
};
const tools = ["fakevpc", "parallel", "serial"];
/** What is done to the mesh by the tool; a reboot is the mesh's own. */
const applied = operations.slice(0, 4);

export function deploymentPlot({ rows }: Section<Measurement>): string {
  const panels = applied.map((operation): Panel => {
    const series = tools.map((tool) => ({
      name: tool,
      points: rows
        .filter((row) => row.tool === tool && row.operation === operation)
        .map(({ size, runs }) => ({ x: size, y: median(runs.map(({ seconds }) => seconds)) })),
    }));
    return { title: titles[operation], series: series.filter(({ points }) => points.length > 0) };
  });
  return drawLines("Seconds by number of servers", "seconds", panels);
}

export function deploymentTables({ rows }: Section<Measurement>): string {
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((one, other) => one - other);
  const secondsOf = (tool: string, operation: Operation, size: number) => {
    const row = rows.find((each) => each.tool === tool && each.operation === operation && each.size === size);
    return row && median(row.runs.map(({ seconds }) => seconds));
  };
  const times = operations.flatMap((operation) =>
    sizes.map((size) => {
      const [own, parallel, serial] = tools.map((tool) => secondsOf(tool, operation, size));
      const ratio = (other: number | undefined) => (own && other ? `${figure(other / own)}×` : "–");
      return [
        `${titles[operation]}, N = ${size}`,
        ...[own, parallel, serial].map(figure),
        ratio(parallel),
        ratio(serial),
      ];
    }),
  );
  const growths = applied.map((operation) => [
    titles[operation],
    ...tools.map((tool) => {
      const points = sizes.flatMap((size) => {
        const value = secondsOf(tool, operation, size);
        return value ? [{ size, value }] : [];
      });
      const power = growth(points);
      return power === undefined ? "–" : `N^${power.toFixed(2)}`;
    }),
  ]);
  return [
    table(["Median seconds", ...tools, "parallel / fakevpc", "serial / fakevpc"], times),
    "How the time grows with the number of servers N (the power of N that fits best):",
    table(["", ...tools], growths),
    "Packets lost on links that have nothing to do with what happens, all repetitions together, and the longest time" +
      " without an answer:",
    table(["", ...tools], lossRows(rows, sizes)),
    "SSH connections opened per server, median:",
    table(["", ...tools], connectionRows(rows, sizes)),
  ].join("\n\n");
}

function lossRows(rows: Measurement[], sizes: number[]): string[][] {
  const watched: Operation[] = ["idle", "add", "remove", "rebootOne"];
  return cells(rows, sizes, watched, ({ runs }) => {
    const losses = runs.flatMap(({ loss }) => loss ?? []);
    const [lost, sent] = [sum(losses.map((loss) => loss.lost)), sum(losses.map((loss) => loss.sent))];
    const dark = Math.max(0, ...losses.map((loss) => loss.dark));
    return lost === 0 ? `0 of ${sent}` : `${lost} of ${sent} (${dark / 1000} s)`;
  });
}

function connectionRows(rows: Measurement[], sizes: number[]): string[][] {
  return cells(rows, sizes, applied, ({ runs }) => figure(median(runs.map(({ connections }) => connections ?? 0))));
}

function cells(
  rows: Measurement[],
  sizes: number[],
  which: readonly Operation[],
  show: (row: Measurement) => string,
): string[][] {
  return which.flatMap((operation) =>
    sizes.map((size) => [
      `${titles[operation]}, N = ${size}`,
      ...tools.map((tool) => {
        const row = rows.find((each) => each.tool === tool && each.operation === operation && each.size === size);
        return row ? show(row) : "–";
      }),
    ]),
  );
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
