import { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { type Bench, secondsOf, serverOptions, withDirectory } from "../bench";
import { checkMesh, linksOf } from "../links";
import { LossWatch } from "../loss";
import type { Measurement, Operation, Run } from "../results";
import { connectionsOf } from "../sshLog";
import { ansible } from "../tools/ansible";
import { ensureAnsible } from "../tools/ansibleCore";
import { fakevpc } from "../tools/fakevpc";
import type { Deployment, Tool } from "../tools/tool";
import { rebootAll, rebootOne } from "./reboot";

/** The lives of meshes: every tool in turn builds one on blank servers and changes it, so that all meet the same load. */
export async function deploy(bench: Bench, save: (rows: Measurement[]) => void): Promise<void> {
  const programs = await ensureAnsible(bench.log);
  const tools = [fakevpc(bench.engine), ansible(programs, "parallel"), ansible(programs, "serial")];
  const rows: Measurement[] = [];
  for (const size of bench.sizes) {
    const lab = await Lab.up({ servers: serverOptions(size + 1), log: bench.log });
    try {
      for (let round = 1; round <= bench.repeat; round++) {
        for (const tool of tools) {
          await Promise.all(lab.servers.map((server) => server.reset()));
          await withDirectory((directory) =>
            live(lab, tool, directory, (operation, run) => {
              bench.log(`${size} servers, round ${round}, ${tool.name}: ${operation} ${describe(run)}`);
              add(rows, { tool: tool.name, size, operation, runs: [run] });
            }),
          );
          save(rows);
        }
      }
    } finally {
      await lab.down();
    }
  }
}

type Report = (operation: Operation, run: Run) => void;

/** One mesh from its first deployment on. The lab has one server more than the mesh, which joins and leaves. */
async function live(lab: Lab, tool: Tool, directory: string, report: Report): Promise<void> {
  const servers = lab.servers.slice(0, -1);
  const mesh = await tool.begin(lab, directory);
  report("first", await measured(mesh, servers, [], []));
  await checkMesh(servers);
  const links = watched(servers);
  report("idle", await measured(mesh, servers, [], links));
  report("add", await measured(mesh, lab.servers, [], links));
  await checkMesh(lab.servers);
  report("remove", await measured(mesh, servers, lab.servers.slice(-1), links));
  await checkMesh(servers);
  report("rebootOne", await rebootOne(servers));
  report("rebootAll", await rebootAll(servers));
}

async function measured(
  mesh: Deployment,
  servers: LabServer[],
  removed: LabServer[],
  links: [LabServer, LabServer][],
): Promise<Run> {
  const all = [...servers, ...removed];
  const before = await connectionsOf(all);
  const watch = LossWatch.start(links);
  const seconds = await secondsOf(() => mesh.apply(servers, removed));
  const loss = await watch.stop();
  const after = await connectionsOf(all);
  const opened = after.reduce((sum, count, at) => sum + count - before[at]!, 0);
  return { seconds, connections: Math.round((10 * opened) / all.length) / 10, ...(links.length > 0 && { loss }) };
}

/** Three links are enough to see loss, and few enough not to be the load: a short one, one in the middle, the longest. */
function watched(servers: LabServer[]): [LabServer, LabServer][] {
  const links = linksOf(servers);
  return [...new Set([0, links.length >> 1, links.length - 1])].map((at) => links[at]!);
}

function add(rows: Measurement[], row: Measurement): void {
  const same = rows.find(
    ({ tool, size, operation }) => tool === row.tool && size === row.size && operation === row.operation,
  );
  if (same) same.runs.push(...row.runs);
  else rows.push(row);
}

function describe({ seconds, connections, loss }: Run): string {
  const parts = [`${seconds.toFixed(1)} s`];
  if (connections !== undefined) parts.push(`${connections} connections per server`);
  if (loss) parts.push(`${loss.lost} of ${loss.sent} packets lost, ${loss.dark} ms dark`);
  return parts.join(", ");
}
