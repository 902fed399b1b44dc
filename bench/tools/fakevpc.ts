import * as path from "node:path";
import type { Engine } from "../../lab/engine/engine";
import { Stack } from "../../lab/engine/stack";
import type { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { type Deployment, operator, type Tool } from "./tool";

/** This project, by `pulumi up`. */
export function fakevpc(engine: Engine): Tool {
  return {
    name: "fakevpc",
    async begin(lab, directory) {
      const mesh = new StackMesh(engine, lab, directory);
      await mesh.describe([]); // `pulumi stack init` belongs to no deployment
      return mesh;
    },
  };
}

/** A stack of this project's own program. */
export class StackMesh implements Deployment {
  readonly stack: Stack;

  constructor(
    engine: Engine,
    private readonly lab: Lab,
    directory: string,
  ) {
    const command = (argv: string[]) => lab.command(argv);
    this.stack = new Stack({ engine, name: "bench", directory: path.join(directory, "stack"), command });
  }

  /** Writes the stack's config. */
  async describe(servers: LabServer[], more: Record<string, unknown> = {}): Promise<void> {
    const entries = servers.map(({ name, address, hostKey }) => [name, { address, hostKey }]);
    await this.stack.setConfig({
      "fakevpc:servers": Object.fromEntries(entries),
      "fakevpc:ssh": { user: operator, privateKeyFile: this.lab.keyFile },
      ...more,
    });
  }

  /** `more` is further config of the stack. */
  async apply(servers: LabServer[], _removed: LabServer[] = [], more: Record<string, unknown> = {}): Promise<void> {
    await this.describe(servers, more);
    await this.stack.up();
  }
}
