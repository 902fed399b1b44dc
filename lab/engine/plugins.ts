import { createHash } from "node:crypto";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { cacheDirectory } from "../cache";
import { run } from "../process";
import { request } from "./http";
import { findOnPath } from "./programs";
import type { Log } from "./source";

interface Plugin {
  name: string;
  version: string;
}

/** Where the engine finds the provider plugins. */
export interface Plugins {
  home: string;
  searchPath: string[];
  standIns: string[];
}

const repository = packageFile();
const names = ["command", "random", "tls"];

/** Finds the official provider plugins, or stands in for all that are missing. `environment` runs the CLI. */
export async function findPlugins(environment: NodeJS.ProcessEnv, log: Log): Promise<Plugins> {
  const home = cacheDirectory("pulumi-home");
  const userHome = process.env.PULUMI_HOME || path.join(homedir(), ".pulumi");
  const wanted = names.filter((name) => !findOnPath(executable(name))).map(lockedVersion);
  const ofUser = wanted.filter((plugin) => existsSync(file(userHome, plugin)));
  const missing = wanted.filter((plugin) => !ofUser.includes(plugin) && !existsSync(file(home, plugin)));
  const searchPath = ofUser.map((plugin) => path.dirname(file(userHome, plugin)));
  if (missing.length === 0) return { home, searchPath, standIns: [] };
  try {
    await installOfficial(missing, { ...environment, PULUMI_HOME: home }, log);
    return { home, searchPath, standIns: [] };
  } catch (error) {
    const standIns = wanted.filter((plugin) => !ofUser.includes(plugin));
    const list = standIns.map((plugin) => plugin.name).join(", ");
    const reason = (error as Error).message.split("\n")[0];
    log(`official plugins cannot be had here (${reason}): stand-ins for ${list} (test equipment)`);
    return { home: standInHome(standIns), searchPath, standIns: standIns.map((plugin) => plugin.name) };
  }
}

async function installOfficial(plugins: Plugin[], env: NodeJS.ProcessEnv, log: Log): Promise<void> {
  for (const { name, version } of plugins) {
    // Asked first, because the CLI itself takes minutes to give up.
    await request(
      `https://get.pulumi.com/releases/plugins/pulumi-resource-${name}-v${version}-${target()}.tar.gz`,
      "HEAD",
    );
    log(`installing the provider plugin ${name} ${version}`);
    await run(["pulumi", "plugin", "install", "resource", name, version], { env, timeout: 300_000 });
  }
}

function target(): string {
  return `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** A home for Pulumi whose plugins are links to our stand-ins, made anew where the set of plugins is another. */
function standInHome(plugins: Plugin[]): string {
  const set = createHash("sha256")
    .update(JSON.stringify([repository, plugins]))
    .digest("hex")
    .slice(0, 16);
  const home = cacheDirectory("stand-ins", set);
  for (const plugin of plugins) {
    const link = file(home, plugin);
    mkdirSync(path.dirname(link), { recursive: true });
    try {
      symlinkSync(path.join(repository, "lab/engine/stand-in.sh"), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // there since an earlier run
    }
  }
  return home;
}

function lockedVersion(name: string): Plugin {
  return { name, version: require(`@pulumi/${name}/package.json`).version };
}

function executable(name: string): string {
  return `pulumi-resource-${name}`;
}

function file(home: string, { name, version }: Plugin): string {
  return path.join(home, "plugins", `resource-${name}-v${version}`, executable(name));
}
