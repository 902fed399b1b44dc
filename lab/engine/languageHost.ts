import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { compile, moduleOf } from "./compile";
import type { Engine } from "./engine";
import { findOnPath } from "./programs";
import type { Log } from "./source";

/** Completes a program by files of its source, of which it starts some. */
type Complete = (source: string, directory: string) => void;

/** The directory that has Pulumi's host for a language, compiled where the engine came without it. */
export async function languageHost(engine: Engine, host: string, log: Log, complete?: Complete): Promise<string> {
  const found = findOnPath(host, engine.env.PATH);
  return found ? path.dirname(found) : compiledOnce(host, log, complete);
}

/** The directory of a program that is compiled when it is first asked for, and anew when its go.mod is another. */
export async function compiledOnce(program: string, log: Log, complete: Complete = () => {}): Promise<string> {
  const module = readFileSync(path.join(moduleOf(program), "go.mod"));
  const digest = createHash("sha256").update(module).digest("hex").slice(0, 10);
  return once(cacheDirectory("programs", `${program}-${digest}`), async (directory) => {
    complete(await compile(program, directory, log), directory);
  });
}

/** Fills a directory, unless an earlier run did so to the end. */
export async function once(directory: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const mark = path.join(directory, "complete");
  if (existsSync(mark)) return directory;
  await fill(directory);
  writeFileSync(mark, "");
  return directory;
}
