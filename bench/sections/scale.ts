import { Lab } from "../../lab/servers/lab";
import { type Bench, secondsOf, serverOptions, withDirectory } from "../bench";
import { checkMesh } from "../links";
import type { Large, Operation } from "../results";
import { StackMesh } from "../tools/fakevpc";

/** Meshes of more servers than the others are measured with, once each, as far as this machine carries them. */
export async function scale(bench: Bench, save: (rows: Large[]) => void): Promise<void> {
  const rows: Large[] = [];
  for (const size of bench.quick ? [4] : [20, 40]) {
    const row: Large = { size, seconds: {} };
    rows.push(row);
    try {
      await live(bench, size, (operation, seconds) => {
        row.seconds[operation] = seconds;
        bench.log(`${size} servers: ${operation} ${seconds.toFixed(1)} s`);
        save(rows);
      });
    } catch (error) {
      row.failure = reasonOf(error as Error);
      bench.log(`${size} servers: ${(error as Error).message}`);
      save(rows);
    }
  }
}

/** What a server said, or else that nothing did: the rest of the message is a command line with this machine's paths. */
function reasonOf({ message }: Error): string {
  return /^ *fakevpc: (\S+ \w+: [^:]+)/m.exec(message)?.[1] ?? "an up failed";
}

async function live(
  bench: Bench,
  size: number,
  report: (operation: Operation, seconds: number) => void,
): Promise<void> {
  const lab = await Lab.up({ servers: serverOptions(size + 1), log: bench.log });
  try {
    await withDirectory(async (directory) => {
      const mesh = new StackMesh(bench.engine, lab, directory);
      const servers = lab.servers.slice(0, -1);
      await mesh.describe([]);
      report("first", await secondsOf(() => mesh.apply(servers)));
      await checkMesh(servers);
      report("idle", await secondsOf(() => mesh.apply(servers)));
      report("add", await secondsOf(() => mesh.apply(lab.servers)));
      await checkMesh(lab.servers);
      report("remove", await secondsOf(() => mesh.apply(servers)));
    });
  } finally {
    await lab.down();
  }
}
