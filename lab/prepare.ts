import { type Engine, ensureEngine } from "./engine/engine";
import { ensureHost } from "./servers/host";
import { imageLayers, type Suite } from "./servers/image";

export interface Image {
  suite: Suite;
  packages: boolean;
}

/** Installs and builds what this machine lacks for a lab with these images and for Pulumi; on a new one that takes minutes. */
export async function prepare(images: Image[], log: (line: string) => void): Promise<Engine> {
  await ensureHost(log);
  for (const { suite, packages } of images) await imageLayers(suite, packages, log);
  return ensureEngine(log);
}
