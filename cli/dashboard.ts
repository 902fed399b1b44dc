import { setTimeout as sleep } from "node:timers/promises";
import { examine } from "./findings/examine";
import { History } from "./page/history";
import { type PageData, pageData, pageMesh } from "./page/pageData";
import { servePage } from "./page/server";
import { KeptConnections } from "./server/keptConnections";
import { SshFiles } from "./server/sshFiles";
import { Turns } from "./server/turns";
import { CommandError } from "./stack/pulumi";
import { type StoredMesh, storedMeshes, type Wanted } from "./stack/state";

export interface DashboardOptions {
  stack?: string;
  identity?: string;
  mesh?: string;
  /** Of 127.0.0.1. */
  port?: string;
}

const defaultPort = "8051";

/** Milliseconds between two looks at the servers, and between two at the stack, whose servers may have come or gone. */
const interval = 5_000;
const stackInterval = 60_000;

/** `fakevpc dashboard`: a page that shows how the meshes are, until the process is ended. */
export async function dashboard(options: DashboardOptions): Promise<number> {
  const { stack, identity, mesh, port = defaultPort } = options;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new CommandError(`--port: "${port}" is not a port (0-65535)`);
  const wanted = { mesh, showSecrets: identity === undefined };
  const meshes = new WatchedMeshes(stack, wanted, identity);
  try {
    const page = await servePage(await meshes.look(), Number(port));
    process.stdout.write(`fakevpc: the page is at ${page.address}, as long as this runs; Ctrl-C ends it\n`);
    for (;;) {
      await sleep(interval);
      page.publish(await meshes.look());
    }
  } finally {
    meshes.close();
  }
}

/** The meshes of a stack, with a connection to each of their servers, and what was seen of them. */
class WatchedMeshes {
  private readonly history = new History();
  private readonly turns = new Turns();
  private stored: StoredMesh[];
  private ways: KeptConnections[];
  private readAt = Date.now();
  private problem?: string;

  constructor(
    private readonly stack: string | undefined,
    private readonly wanted: Wanted,
    private readonly identity: string | undefined,
  ) {
    this.stored = storedMeshes(stack, wanted);
    this.ways = this.connect();
  }

  async look(): Promise<PageData> {
    if (Date.now() - this.readAt > stackInterval) this.readStack();
    const reports = await Promise.all(this.stored.map((stored, at) => examine(stored, this.ways[at]!)));
    const meshes = this.stored.map((stored, at) => pageMesh(stored, reports[at]!, this.history));
    return pageData(meshes, { live: true, problem: this.problem });
  }

  close(): void {
    for (const way of this.ways) way.close();
  }

  private connect(): KeptConnections[] {
    return this.stored.map(
      (stored) => new KeptConnections(new SshFiles(stored, this.identity), Object.keys(stored.servers), this.turns),
    );
  }

  /** Between two looks, because the process waits for Pulumi. A stack that cannot be read now is shown as it was. */
  private readStack(): void {
    this.readAt = Date.now();
    try {
      const stored = storedMeshes(this.stack, this.wanted);
      this.problem = undefined;
      if (JSON.stringify(stored) === JSON.stringify(this.stored)) return;
      this.close();
      this.stored = stored;
      this.ways = this.connect();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.problem = `the stack's state is older: ${error.message}`;
    }
  }
}
