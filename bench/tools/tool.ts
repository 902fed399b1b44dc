import type { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";

/** One way to build a mesh. */
export interface Tool {
  name: string;
  /** Prepares a new mesh of these servers, all of them blank. `directory` is empty, and the tool's own. */
  begin(lab: Lab, directory: string, place?: SshPlace): Promise<Deployment>;
}

/** Where SSH reaches a server, if not at its own address. */
export type SshPlace = (server: LabServer) => { address: string; port: number };

/** A mesh as its operator has it: a description that changes, and a command that applies it. */
export interface Deployment {
  /**
   * Brings the mesh to these servers. Those that were removed are reachable, and lose what they have of it. WireGuard listens
   * on 51820 plus the index, but for the servers of `ports`.
   */
  apply(servers: LabServer[], removed: LabServer[], ports?: Ports): Promise<void>;
}

/** WireGuard's ports by server. */
export type Ports = Record<string, number>;

/** The user of all tools: one that may do everything by sudo. */
export const operator = "ops";

/** The number that a server's name ends in. */
export function indexOf(server: LabServer): number {
  return Number(/\d+$/.exec(server.name)![0]);
}
