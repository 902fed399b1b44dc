import { setTimeout as sleep } from "node:timers/promises";
import { KeptConnection } from "./keptConnection";
import type { SshFiles } from "./sshFiles";
import type { Turns } from "./turns";
import { NotConnected, type Way } from "./way";

/** A way to servers that are asked again and again: one connection to each, so that no firewall takes it for an attack. */
export class KeptConnections implements Way {
  readonly environment: NodeJS.ProcessEnv;
  private readonly connections: Map<string, KeptConnection>;

  constructor(
    private readonly ssh: SshFiles,
    names: string[],
    turns: Turns,
  ) {
    this.environment = ssh.environment;
    this.connections = new Map(names.map((name) => [name, new KeptConnection(name, ssh, turns)]));
  }

  /** Waits for the first try of a server alone, so that one that comes and goes holds nobody up. */
  async argumentsFor(name: string): Promise<string[]> {
    const connection = this.connections.get(name)!;
    await connection.tried;
    if (!connection.isOpen) throw new NotConnected(connection.error);
    return connection.argv;
  }

  /** What ended the connection, which says more than the command that ended with it. */
  async whyNot(name: string): Promise<string | undefined> {
    const connection = this.connections.get(name)!;
    await Promise.race([connection.ended, sleep(1000, undefined, { ref: false })]);
    return connection.isOpen ? undefined : connection.error;
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.ssh.close();
  }
}
