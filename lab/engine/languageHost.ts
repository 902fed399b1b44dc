import { existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { compile } from "./compile";
import type { Engine } from "./engine";
import { findOnPath } from "./programs";
import type { Log } from "./source";

/** The directory that has Pulumi's host for a language, compiled where the engine came without it. */
export async function languageHost(engine: Engine, host: string, log: Log, added = nothing): Promise<string> {
  const found = findOnPath(host, engine.env.PATH);
  if (found) return path.dirname(found);
  return once(cacheDirectory("hosts", host), async (directory) => {
    added(await compile(host, directory, log), directory);
  });
}

/** Completes a host by files of its source, of which it starts some. */
type Added = (source: string, directory: string) => void;
const nothing: Added = () => {};

/** Fills a directory, unless an earlier run did so to the end. */
export async function once(directory: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const mark = path.join(directory, "complete");
  if (existsSync(mark)) return directory;
  await fill(directory);
  writeFileSync(mark, "");
  return directory;
}
