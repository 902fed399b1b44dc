import { chmodSync, copyFileSync, existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { run } from "../process";
import { compile } from "./compile";
import type { Engine } from "./engine";
import { findOnPath } from "./programs";
import type { Log } from "./source";

const host = "pulumi-language-python";
/** Pulumi's package for Python. */
const sdk = "pulumi==3.272.0";

/** The engine, able to run Python programs: with Pulumi's host for them, and its package in an environment of its own. */
export async function withPython(engine: Engine, log: Log): Promise<Engine> {
  const environment = await ensureSdk(log);
  const directories = findOnPath(host, engine.env.PATH) ? [] : [await ensureHost(log)];
  const PATH = [path.join(environment, "bin"), ...directories, engine.env.PATH].join(path.delimiter);
  return { ...engine, env: { ...engine.env, PATH } };
}

function ensureSdk(log: Log): Promise<string> {
  return once(cacheDirectory("python", sdk), async (directory) => {
    log(`Python: installing ${sdk}`);
    await run(["python3", "-m", "venv", directory]);
    await run([path.join(directory, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", sdk]);
  });
}

function ensureHost(log: Log): Promise<string> {
  return once(cacheDirectory("python", host), async (directory) => {
    const source = await compile(host, directory, log);
    const script = path.join(directory, `${host}-exec`); // what the host starts, beside it in the source
    copyFileSync(`${source}-exec`, script);
    chmodSync(script, 0o755);
  });
}

/** Fills a directory, unless an earlier run did so to the end. */
async function once(directory: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const mark = path.join(directory, "complete");
  if (existsSync(mark)) return directory;
  await fill(directory);
  writeFileSync(mark, "");
  return directory;
}
