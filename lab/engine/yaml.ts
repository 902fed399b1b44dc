import * as path from "node:path";
import type { Engine } from "./engine";
import { languageHost } from "./languageHost";
import type { Log } from "./source";

/** The engine, able to run YAML programs. */
export async function withYaml(engine: Engine, log: Log): Promise<Engine> {
  const host = await languageHost(engine, "pulumi-language-yaml", log);
  return { ...engine, env: { ...engine.env, PATH: [host, engine.env.PATH].join(path.delimiter) } };
}
