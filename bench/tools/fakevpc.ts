import * as path from "node:path";
import type { Engine } from "../../lab/engine/engine";
import { Stack } from "../../lab/engine/stack";
import type { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { type Deployment, operator, type Ports, type SshPlace, type Tool } from "./tool";

/** This project, by `pulumi up`. */
export function fakevpc(engine: Engine): Tool {
  return {
    name: "fakevpc",
    async begin(lab, directory, place) {
      const mesh = new StackMesh(engine, lab, directory, { place });
      await mesh.describe([]); // `pulumi stack init` belongs to no deployment
      return mesh;
    },
  };
}

/** From afar all servers have the proxy's address, which counts no connections. */
const uncounted = { connectionLimit: 1000 };

interface StackMeshOptions {
  place?: SshPlace;
  /** A checkout of this project, compiled, whose program is run; this one by default. */
  program?: string;
}

/** A stack of this project's own program. */
export class StackMesh implements Deployment {
  readonly stack: Stack;
  private readonly place?: SshPlace;

  constructor(
    engine: Engine,
    private readonly lab: Lab,
    directory: string,
    { place, program }: StackMeshOptions = {},
  ) {
    const command = (argv: string[]) => lab.command(argv);
    this.place = place;
    this.stack = new Stack({ engine, name: "bench", directory: path.join(directory, "stack"), program, command });
  }

  /** Writes the stack's config. `more` is further config of the stack. */
  async describe(servers: LabServer[], more: Record<string, unknown> = {}, ports: Ports = {}): Promise<void> {
    await this.stack.setConfig({
      "fakevpc:servers": Object.fromEntries(servers.map((server) => [server.name, this.entry(server, ports)])),
      "fakevpc:ssh": { user: operator, privateKeyFile: this.lab.keyFile, ...(this.place && uncounted) },
      ...more,
    });
  }

  async apply(
    servers: LabServer[],
    _removed: LabServer[] = [],
    ports: Ports = {},
    more: Record<string, unknown> = {},
  ): Promise<void> {
    await this.describe(servers, more, ports);
    await this.stack.up();
  }

  private entry(server: LabServer, ports: Ports): Record<string, unknown> {
    const { name, address, hostKey } = server;
    const wgPort = ports[name];
    const place = this.place?.(server);
    return {
      ...(place ? { address: place.address, sshPort: place.port, endpoint: address } : { address }),
      hostKey,
      ...(wgPort !== undefined && { wgPort }),
    };
  }
}
