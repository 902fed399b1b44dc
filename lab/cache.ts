import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

/** A directory below the cache, made where it is missing. Everything in the cache can be deleted while no lab is up. */
export function cacheDirectory(...parts: string[]): string {
  const userCache = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  const cache = process.env.FAKEVPC_CACHE || path.join(userCache, "fakevpc");
  const directory = path.resolve(cache, ...parts);
  mkdirSync(directory, { recursive: true });
  return directory;
}
