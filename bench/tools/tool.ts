import type { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";

/** One way to build a mesh. */
export interface Tool {
  name: string;
  /** Prepares a new mesh of these servers, all of them blank. `directory` is empty, and the tool's own. */
  begin(lab: Lab, directory: string): Promise<Deployment>;
}

/** A mesh as its operator has it: a description that changes, and a command that applies it. */
export interface Deployment {
  /** Brings the mesh to these servers. Those that were removed are reachable, and lose what they have of it. */
  apply(servers: LabServer[], removed: LabServer[]): Promise<void>;
}

/** The user of all tools: one that may do everything by sudo. */
export const operator = "ops";

/** The number that a server's name ends in. */
export function indexOf(server: LabServer): number {
  return Number(/\d+$/.exec(server.name)![0]);
}
