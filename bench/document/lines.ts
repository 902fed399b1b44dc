import { line, round, svg, text } from "./svg";

interface Series {
  name: string;
  points: { x: number; y: number }[];
}

export interface Panel {
  title: string;
  series: Series[];
}

const width = 380;
const height = 260;
const margin = { left: 44, right: 92, top: 34, bottom: 36 };

/** Panels two abreast, of lines over the number of servers. Both axes are logarithmic: a straight line is a power. */
export function drawLines(title: string, unit: string, panels: Panel[]): string {
  const body = panels.flatMap((panel, at) => {
    const place = `translate(${(at % 2) * width} ${Math.floor(at / 2) * height})`;
    return [`<g transform="${place}">`, ...drawPanel(panel, unit), "</g>"];
  });
  const columns = Math.min(2, panels.length);
  return svg(columns * width, Math.ceil(panels.length / 2) * height, title, body);
}

function drawPanel({ title, series }: Panel, unit: string): string[] {
  const points = series.flatMap((each) => each.points);
  const sizes = [...new Set(points.map(({ x }) => x))].sort((one, other) => one - other);
  const x = logarithmic(sizes[0]!, sizes.at(-1)!, margin.left, width - margin.right);
  const ticks = ticksAround(points.map((point) => point.y));
  const y = logarithmic(ticks[0]!, ticks.at(-1)!, height - margin.bottom, margin.top);
  const ends = apart(series.map(({ points }) => y(points.at(-1)!.y)));
  return [
    text(margin.left, 18, `${title}, ${unit}`, { style: "title" }),
    ...ticks.flatMap((tick) => [
      line(margin.left, y(tick), width - margin.right, y(tick)),
      text(margin.left - 6, y(tick) + 4, `${tick}`, { anchor: "end", style: "faint" }),
    ]),
    ...sizes.map((size) => text(x(size), height - margin.bottom + 16, `${size}`, { anchor: "middle", style: "faint" })),
    text((margin.left + width - margin.right) / 2, height - 5, "servers", {
      anchor: "middle",
      style: "faint",
    }),
    ...series.flatMap(({ name, points }, at) => [
      `<polyline class="line s${at}" points="${points.map((point) => `${round(x(point.x))},${round(y(point.y))}`).join(" ")}"/>`,
      ...points.map(
        (point) => `<circle cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="3.5" class="fill s${at}"/>`,
      ),
      text(x(points.at(-1)!.x) + 8, ends[at]! + 4, name, { style: `fill s${at}` }),
    ]),
  ];
}

function logarithmic(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = Math.log(to / from) || 1;
  return (value) => start + ((end - start) * Math.log(value / from)) / span;
}

/** 1, 2, 5, 10, 20…, from the last one below all values to the first one above. */
export function ticksAround(values: number[]): number[] {
  const [smallest, largest] = [Math.min(...values), Math.max(...values)];
  const all = [-3, -2, -1, 0, 1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const first = all.filter((tick) => tick <= smallest).length - 1;
  const last = all.findIndex((tick) => tick >= largest);
  return all.slice(Math.max(0, first), Math.max(last, first + 1) + 1);
}

/** Moves labels so that each is a line of text away from the next. */
export function apart(places: number[], distance = 14): number[] {
  const order = places.map((_, at) => at).sort((one, other) => places[one]! - places[other]!);
  const moved = [...places];
  order.forEach((at, rank) => {
    if (rank > 0) moved[at] = Math.max(moved[at]!, moved[order[rank - 1]!]! + distance);
  });
  return moved;
}
