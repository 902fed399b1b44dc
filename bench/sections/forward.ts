import { readFileSync } from "node:fs";
import { packageFile } from "../../components/packageFile";
import { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { waitUntil } from "../../lab/wait";
import { type Bench, serverOptions, withDirectory } from "../bench";
import { checkMesh } from "../links";
import type { Forwarding } from "../results";
import { StackMesh } from "../tools/fakevpc";

const ways = ["direct", "socat", "nftables"] as const; // ports end in 0, 1, 2
const meshAddress = "192.168.1.1"; // of server1

/** What a service of server1 gives to server2, by each way to forward, over the mesh and over the plain network. */
export async function forward(bench: Bench, save: (rows: Forwarding[]) => void): Promise<void> {
  // Debian 13's wireguard-go is several times as fast as Debian 12's.
  const servers = serverOptions(2).map((options) => ({ ...options, suite: "trixie" as const }));
  const lab = await Lab.up({ servers, log: bench.log });
  try {
    const [server, client] = lab.servers as [LabServer, LabServer];
    await withDirectory((directory) =>
      new StackMesh(bench.engine, lab, directory).apply([server, client], [], {}, services),
    );
    await checkMesh(lab.servers);
    await start(server);
    const networks = { veth: server.address, mesh: meshAddress };
    const rows = Object.keys(networks).flatMap((network) =>
      ways.map((way) => ({ network, way, megabitsPerSecond: [], connectionsPerSecond: [] }) as Forwarding),
    );
    for (let round = 1; round <= bench.repeat; round++) {
      for (const row of rows) {
        const [address, way] = [networks[row.network], ways.indexOf(row.way)];
        row.megabitsPerSecond.push(await throughput(client, address, 5310 + way, bench.quick ? 1 : 5));
        row.connectionsPerSecond.push(await connections(client, address, 5320 + way, bench.quick ? 1 : 5));
        const [megabits, perSecond] = [row.megabitsPerSecond.at(-1), row.connectionsPerSecond.at(-1)];
        bench.log(`round ${round}, ${row.network}, ${row.way}: ${megabits} Mbit/s, ${perSecond} connections/s`);
      }
      save(rows);
    }
  } finally {
    await lab.down();
  }
}

const services = {
  "fakevpc:services": Object.fromEntries(
    [5311, 5312, 5321, 5322].map((port) => {
      const way = ways[port % 10]!;
      return [`${way}-${port}`, { server: "server1", port, forward: way }];
    }),
  ),
};

async function start(server: LabServer): Promise<void> {
  await server.exec(["sh", "-c", "cat >/root/connections.py"], { input: source("connections.py") });
  await server.exec(["sh", "-s", meshAddress, server.address], { input: source("serve.sh") });
  const listening = async () => (await server.exec(["ss", "-Hltn"])).stdout.match(/:53[12][012] /g)?.length ?? 0;
  await waitUntil(async () => (await listening()) >= 12, 20, "the services");
}

function source(name: string): string {
  return readFileSync(packageFile("bench", name), "utf8");
}

async function throughput(client: LabServer, address: string, port: number, seconds: number): Promise<number> {
  const { stdout } = await client.exec(["iperf3", "-c", address, "-p", String(port), "-t", String(seconds), "-J"]);
  return Math.round(JSON.parse(stdout).end.sum_received.bits_per_second / 1e6);
}

async function connections(client: LabServer, address: string, port: number, seconds: number): Promise<number> {
  const argv = ["python3", "-", "count", address, String(port), String(seconds)];
  return Number((await client.exec(argv, { input: source("connections.py") })).stdout);
}
