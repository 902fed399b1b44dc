import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { compiled } from "./compile";
import { downloaded } from "./download";
import { inCache, ofNpx, onPath } from "./installed";
import { findPlugins } from "./plugins";
import { layout, version } from "./programs";
import { firstOf, type Log } from "./source";
import { fromToolchain } from "./toolchain";

/** Everything needed to run the Pulumi CLI. */
export interface Engine {
  env: NodeJS.ProcessEnv;
  /** The provider plugins that ours stand in for. */
  standIns: string[];
}

/** Finds or installs the Pulumi CLI and its plugins, in a cache of our own, without a change to the user's Pulumi. */
export async function ensureEngine(log: Log): Promise<Engine> {
  const directory = path.join(cacheDirectory("engine"), `${version}-${layout}`);
  const ways = [
    onPath,
    ofNpx,
    inCache(directory),
    downloaded(directory),
    fromToolchain(directory),
    compiled(directory),
  ];
  const engine = await firstOf(ways, log);
  const base = environment([engine]);
  const plugins = await findPlugins(base, log);
  const env = { ...environment([engine, ...plugins.searchPath]), PULUMI_HOME: plugins.home };
  return { env, standIns: plugins.standIns };
}

/** The caller's environment, but with these directories first and no settings of another use of Pulumi. */
function environment(directories: string[]): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return {
    ...Object.fromEntries(own),
    PATH: [...directories, process.env.PATH].join(path.delimiter),
    NO_COLOR: "1",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true", // what is needed is installed by then
  };
}
