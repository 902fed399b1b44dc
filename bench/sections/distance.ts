import { spawn } from "node:child_process";
import { once } from "node:events";
import { packageFile } from "../../components/packageFile";
import { Lab } from "../../lab/servers/lab";
import { type Bench, secondsOf, serverOptions, withDirectory } from "../bench";
import { checkMesh } from "../links";
import type { Distance } from "../results";
import { ansible } from "../tools/ansible";
import { ensureAnsible } from "../tools/ansibleCore";
import { fakevpc } from "../tools/fakevpc";
import type { SshPlace, Tool } from "../tools/tool";

/** The port of server1 after its change; each of its peers has to learn it. */
const changedPort = { server1: 51921 };

/** What the same operations cost an operator who is far away: a proxy between operator and servers delays both directions. */
export async function distance(bench: Bench, save: (rows: Distance[]) => void): Promise<void> {
  const programs = await ensureAnsible(bench.log);
  const tools = [fakevpc(bench.engine), ansible(programs, "parallel")];
  const size = 3;
  const rows: Distance[] = [];
  const lab = await Lab.up({ servers: serverOptions(size), log: bench.log });
  try {
    for (let round = 1; round <= bench.repeat; round++) {
      for (const roundTrip of [0, 50, 100]) {
        for (const tool of tools) {
          await Promise.all(lab.servers.map((server) => server.reset()));
          await withDistance(lab, roundTrip, (place) =>
            live(lab, tool, place, (operation, seconds) => {
              bench.log(`${roundTrip} ms away, round ${round}, ${tool.name}: ${operation} ${seconds.toFixed(1)} s`);
              add(rows, { tool: tool.name, size, operation, roundTrip, seconds: [seconds] });
              save(rows);
            }),
          );
        }
      }
    }
  } finally {
    await lab.down();
  }
}

type Report = (operation: Distance["operation"], seconds: number) => void;

async function live(lab: Lab, tool: Tool, place: SshPlace, report: Report): Promise<void> {
  await withDirectory(async (directory) => {
    const mesh = await tool.begin(lab, directory, place);
    report("first", await secondsOf(() => mesh.apply(lab.servers, [])));
    await checkMesh(lab.servers);
    report("change", await secondsOf(() => mesh.apply(lab.servers, [], changedPort)));
    await checkMesh(lab.servers);
    report("idle", await secondsOf(() => mesh.apply(lab.servers, [], changedPort)));
  });
}

/** Runs something while SSH reaches the servers by a proxy in the lab's network, which ends afterwards. */
async function withDistance(lab: Lab, roundTrip: number, action: (place: SshPlace) => Promise<void>): Promise<void> {
  const ports = new Map(lab.servers.map(({ name }, at) => [name, 2201 + at]));
  const pairs = lab.servers.map(({ name, address }) => `${ports.get(name)}=${address}`);
  const argv = lab.command([process.execPath, packageFile("dist/bench/delay.js"), String(roundTrip), ...pairs]);
  const proxy = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(proxy.stdout, "data");
    await action(({ name }) => ({ address: "127.0.0.1", port: ports.get(name)! }));
  } finally {
    proxy.kill();
  }
}

function add(rows: Distance[], row: Distance): void {
  const same = rows.find(
    ({ tool, operation, roundTrip }) => tool === row.tool && operation === row.operation && roundTrip === row.roundTrip,
  );
  if (same) same.seconds.push(...row.seconds);
  else rows.push(row);
}
