import { chmodSync, copyFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { ensureNeeds } from "../needs";
import { run } from "../process";
import type { Engine } from "./engine";
import { languageHost, once } from "./languageHost";
import type { Log } from "./source";

const host = "pulumi-language-python";
/** Pulumi's package for Python, and what the packages need besides that it generates. */
const packages = ["pulumi==3.272.0", "parver==0.5"];

/** The engine, able to run Python programs: with Pulumi's host for them, and its package in an environment of its own. */
export async function withPython(engine: Engine, log: Log): Promise<Engine> {
  const environment = await ensureSdk(log);
  const directory = await languageHost(engine, host, log, (source, beside) => {
    const script = path.join(beside, `${host}-exec`); // what the host starts, beside it in the source
    copyFileSync(`${source}-exec`, script);
    chmodSync(script, 0o755);
  });
  const PATH = [path.join(environment, "bin"), directory, engine.env.PATH].join(path.delimiter);
  return { ...engine, env: { ...engine.env, PATH } };
}

function ensureSdk(log: Log): Promise<string> {
  return once(cacheDirectory("python", packages.join("-")), async (directory) => {
    await ensureNeeds(["tests"], log);
    log(`Python: installing ${packages.join(" and ")}`);
    await run(["python3", "-m", "venv", directory]);
    await run([path.join(directory, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", ...packages]);
  });
}
