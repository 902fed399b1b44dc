import { readFileSync } from "node:fs";
import { packageFile } from "../../components/packageFile";

/** Milliseconds from one ping to the next. */
const interval = 10;

/** Pings a name, its first argument, every 10 ms until it is interrupted; its output is for `lossIn`. */
export const pingProgram = readFileSync(packageFile("lab/servers/pings.py"), "utf8");

/** What became of a row of pings. */
export interface Loss {
  sent: number;
  lost: number;
  /** The longest time without an answer, in milliseconds. */
  dark: number;
}

/** What became of each of them. */
export interface Pings extends Loss {
  /** Which were lost, as "FIRST-LAST" of each row of them, with the kernel's words where it did not even take them. */
  gaps: string[];
}

/**
 * Reads the program's output. So many pings at the very end may still have been on their way; a link that stays dead loses
 * more of them.
 */
export function lossIn(output: string, underWay: number): Pings {
  const all = Number(/^sent (\d+)$/m.exec(output)?.[1] ?? 0);
  const answered = new Set(output.match(/^\d+$/gm)?.map(Number));
  let last = 0;
  for (const number of answered) last = Math.max(last, number);
  const sent = all - last <= underWay ? last : all;
  const refused = new Map(
    Array.from(output.matchAll(/^(\d+)( could not leave: .*)$/gm), ([, number, words]) => [Number(number), words]),
  );
  const gaps: string[] = [];
  let longest = 0;
  for (let number = 1; number <= sent; number++) {
    if (answered.has(number)) continue;
    const first = number;
    while (number < sent && !answered.has(number + 1)) number++;
    gaps.push(`${first}-${number}${refused.get(first) ?? ""}`);
    longest = Math.max(longest, number - first + 1);
  }
  return { sent, lost: sent - answered.size, dark: longest * interval, gaps };
}
