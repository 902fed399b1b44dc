import type { LabServer } from "../lab/servers/server";

const count = "journalctl --quiet --output=cat _COMM=sshd | grep -c '^Accepted ' || true";

/** How many SSH connections each server has accepted since it has this disk. */
export async function connectionsOf(servers: LabServer[]): Promise<number[]> {
  return Promise.all(servers.map(async (server) => Number((await server.exec(["sh", "-c", count])).stdout)));
}
