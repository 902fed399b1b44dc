import { run } from "../../lab/process";
import { Lab } from "../../lab/servers/lab";
import { type Bench, secondsOf, serverOptions, withDirectory } from "../bench";
import { checkMesh } from "../links";
import type { Large, Operation } from "../results";
import { StackMesh } from "../tools/fakevpc";

/** Meshes of more servers than the others are measured with, once each, as far as this machine carries them. */
export async function scale(bench: Bench, save: (rows: Large[]) => void): Promise<void> {
  const rows: Large[] = [];
  const forms = bench.against === undefined ? [undefined] : [undefined, bench.against];
  for (const size of bench.quick ? [4] : [20, 40]) {
    const lab = await Lab.up({ servers: serverOptions(size + 1), log: bench.log });
    try {
      for (const program of forms) {
        if (program !== forms[0]) await Promise.all(lab.servers.map((server) => server.reset()));
        const row: Large = { size, seconds: {}, ...(program !== undefined && { commit: await commitOf(program) }) };
        rows.push(row);
        await measure(bench, lab, program, row, () => save(rows));
      }
    } finally {
      await lab.down();
    }
  }
}

async function measure(bench: Bench, lab: Lab, program: string | undefined, row: Large, save: () => void) {
  const name = `${row.size} servers${row.commit ? `, ${row.commit}` : ""}`;
  try {
    await live(bench, lab, program, (operation, seconds) => {
      row.seconds[operation] = seconds;
      bench.log(`${name}: ${operation} ${seconds.toFixed(1)} s`);
      save();
    });
  } catch (error) {
    row.failure = reasonOf(error as Error);
    bench.log(`${name}: ${(error as Error).message}`);
    save();
  }
}

async function commitOf(directory: string): Promise<string> {
  return (await run(["git", "-C", directory, "rev-parse", "--short", "HEAD"])).stdout.trim();
}

/** What a server said, or else that nothing did: the rest of the message is a command line with this machine's paths. */
function reasonOf({ message }: Error): string {
  return /^ *fakevpc: (\S+ \w+: [^:]+)/m.exec(message)?.[1] ?? "an up failed";
}

async function live(
  bench: Bench,
  lab: Lab,
  program: string | undefined,
  report: (operation: Operation, seconds: number) => void,
): Promise<void> {
  await withDirectory(async (directory) => {
    const mesh = new StackMesh(bench.engine, lab, directory, { program });
    const servers = lab.servers.slice(0, -1);
    await mesh.describe([]);
    report("first", await secondsOf(() => mesh.apply(servers)));
    await checkMesh(servers);
    report("idle", await secondsOf(() => mesh.apply(servers)));
    report("add", await secondsOf(() => mesh.apply(lab.servers)));
    await checkMesh(lab.servers);
    report("remove", await secondsOf(() => mesh.apply(servers)));
  });
}
