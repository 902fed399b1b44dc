import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Engine } from "../lab/engine/engine";

/** What every section is given. */
export interface Bench {
  engine: Engine;
  /** Numbers of servers of a mesh. */
  sizes: number[];
  /** How often everything is measured. */
  repeat: number;
  /** A compiled checkout of an older commit, to be measured beside this one. */
  against?: string;
  /** Small sizes and short times, to see that everything works. */
  quick: boolean;
  log: (line: string) => void;
}

/** Seconds that something takes. */
export async function secondsOf(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return Math.round(performance.now() - start) / 1000;
}

/** Runs something with a directory of its own. */
export async function withDirectory<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-bench-"));
  try {
    return await action(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Options of the lab's servers, server1 to serverN, with the packages in place. */
export function serverOptions(count: number): { name: string; packages: boolean }[] {
  return Array.from({ length: count }, (_, at) => ({ name: `server${at + 1}`, packages: true }));
}
