import { bar, line, svg, text } from "./svg";

export interface Bar {
  label: string;
  from: number;
  to: number;
  /** Which colour. */
  kind: number;
}

const row = 20;
const labels = 190;
const width = 760;

/** Bars from a time to a time, one below the other. */
export function drawBars(
  title: string,
  unit: string,
  bars: Bar[],
  note = (each: Bar) => `${each.to - each.from}`,
): string {
  const end = Math.max(...bars.map(({ to }) => to));
  const x = (value: number) => labels + ((width - labels - 70) * value) / end;
  const step = 10 ** Math.floor(Math.log10(end)) / (end / 10 ** Math.floor(Math.log10(end)) > 5 ? 1 : 2);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  const bottom = 34 + bars.length * row;
  return svg(width, bottom + 34, title, [
    text(0, 18, `${title}, ${unit}`, { style: "title" }),
    ...ticks.flatMap((tick) => [
      line(x(tick), 30, x(tick), bottom),
      text(x(tick), bottom + 16, `${tick}`, { anchor: "middle", style: "faint" }),
    ]),
    ...bars.flatMap((each, at) => [
      text(labels - 8, 34 + at * row + 14, each.label, { anchor: "end" }),
      bar(x(each.from), 34 + at * row + 3, x(each.to) - x(each.from), row - 6, `s${each.kind}`),
      text(x(each.to) + 6, 34 + at * row + 14, note(each), { style: "faint" }),
    ]),
  ]);
}
