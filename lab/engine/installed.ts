import { homedir } from "node:os";
import * as path from "node:path";
import { findOnPath, hasPrograms, version } from "./programs";
import type { Source } from "./source";

/** The user's own Pulumi. */
export const onPath: Source = {
  found: "the one on PATH",
  async find() {
    const cli = findOnPath("pulumi");
    if (!cli) throw new Error("not on PATH");
    if (!findOnPath("pulumi-language-nodejs")) throw new Error(`${cli} is on PATH, pulumi-language-nodejs is not`);
    return path.dirname(cli);
  },
};

/** What `npx pulumi` has fetched into the user's directory. */
export const ofNpx: Source = {
  found: "the one that npx has fetched",
  async find() {
    const home = process.env.PULUMI_HOME || path.join(homedir(), ".pulumi");
    const directory = path.join(home, "versions", version, "bin");
    if (!hasPrograms(directory)) throw new Error(`npx has fetched no pulumi@${version}`);
    return directory;
  },
};

/** What an earlier run left in our cache. */
export function inCache(directory: string): Source {
  return {
    found: `the one in ${directory}`,
    async find() {
      if (!hasPrograms(directory)) throw new Error("not in the cache yet");
      return directory;
    },
  };
}
