import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import type { Engine } from "../../lab/engine/engine";
import { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";

const repository = packageFile();

/** A lab without servers, where Pulumi programs order them by the command `hoster`: the lab's own command line. */
export class Hoster {
  static async open(): Promise<Hoster> {
    const lab = await Lab.up({ servers: [] });
    const command = path.join(lab.directory, "bin", "hoster");
    mkdirSync(path.dirname(command));
    const program = path.join(repository, "dist/lab/main.js");
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' --directory '${lab.directory}' "$@"\n`);
    chmodSync(command, 0o755);
    return new Hoster(lab, path.dirname(command));
  }

  private constructor(
    private readonly lab: Lab,
    private readonly programs: string,
  ) {}

  /** The engine, which finds the command too. */
  knownTo(engine: Engine): Engine {
    return { ...engine, env: { ...engine.env, PATH: [this.programs, engine.env.PATH].join(path.delimiter) } };
  }

  /** Runs a program in the lab's network. */
  command(argv: string[]): string[] {
    return this.lab.command(argv);
  }

  /** What has been ordered up to now. */
  async servers(): Promise<LabServer[]> {
    return (await Lab.attach(this.lab.directory))!.servers;
  }

  async close(): Promise<void> {
    await this.lab.down();
  }
}
