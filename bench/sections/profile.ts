import { readFileSync } from "node:fs";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { type Bench, secondsOf, serverOptions, withDirectory } from "../bench";
import type { Event } from "../probe";
import type { Phase, Profile } from "../results";
import { median } from "../statistics";
import { StackMesh } from "../tools/fakevpc";
import { operator } from "../tools/tool";

/** Where the time of one `pulumi up` goes: of a first deployment, and with nothing to do. */
export async function profile(bench: Bench, save: (rows: Profile[]) => void): Promise<void> {
  const size = 3;
  const lab = await Lab.up({ servers: serverOptions(size), log: bench.log });
  try {
    await withDirectory(async (directory) => {
      const mesh = new StackMesh(bench.engine, lab, directory);
      await mesh.describe(lab.servers);
      const rows: Profile[] = [];
      for (const operation of ["first", "idle"] as const) {
        const file = path.join(directory, `${operation}.jsonl`);
        const env = { NODE_OPTIONS: `--require ${packageFile("dist/bench/probe.js")}`, FAKEVPC_BENCH_PROBE: file };
        const start = Date.now();
        const seconds = await secondsOf(() => mesh.stack.up({ env }));
        const events = readFileSync(file, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Event);
        const total = Math.round(seconds * 1000);
        rows.push({
          operation,
          size,
          total,
          connection: await connectionTime(lab.servers[0]!),
          ...analyse(events, start, total),
        });
        for (const { name, from, to } of rows.at(-1)!.phases) bench.log(`${operation}: ${from}-${to} ms ${name}`);
        save(rows);
      }
    });
  } finally {
    await lab.down();
  }
}

/** Milliseconds of an SSH connection that runs nothing. */
async function connectionTime(server: LabServer): Promise<number> {
  const times = [];
  for (let round = 0; round < 5; round++) times.push(await secondsOf(() => server.ssh("true", { user: operator })));
  return Math.round(median(times) * 1000);
}

/** Turns the probes' lines into phases, in milliseconds from the start. */
export function analyse(events: Event[], start: number, total: number): Pick<Profile, "phases" | "packages"> {
  const starts = events.filter(({ event }) => event === "start");
  const programStart = starts.find(({ text }) => text!.endsWith("/cmd/run/index.js"))!;
  const after = ({ at }: { at: number }) => Math.round(at - start);
  const loaded = (pid: number) => events.find((event) => event.event === "loaded" && event.pid === pid)!;
  const program = loaded(programStart.pid);
  const phases: Phase[] = [
    { name: "the engine starts", from: 0, to: after(programStart) },
    { name: "the program starts", from: after(programStart), to: after(program) },
  ];
  for (const each of starts) {
    const provider = /\/providers\/(\w+)\.js$/.exec(each.text!)?.[1];
    if (provider)
      phases.push({ name: `the provider ${provider} starts`, from: after(each), to: after(loaded(each.pid)) });
  }
  for (const each of events.filter(({ event }) => event === "ssh")) {
    const end = events.find(
      ({ event, child, pid }) => event === "ssh-end" && child === each.child && pid === each.pid,
    )!;
    const [, verb, server] = / (host|apply|delete) [a-z0-9]+ (\S+)/.exec(each.text!) ?? ["", "?", "?"];
    phases.push({ name: `${server} ${verb === "apply" ? "mesh" : verb}`, from: after(each), to: after(end) });
  }
  const lastExit = Math.max(...events.filter(({ event }) => event === "exit").map(after));
  phases.push({ name: "the engine ends", from: Math.min(lastExit, total), to: total });
  const packages = Object.entries(program.packages ?? {})
    .map(([name, time]) => ({ name, milliseconds: Math.round(time) }))
    .filter(({ milliseconds }) => milliseconds >= 10)
    .sort((one, other) => other.milliseconds - one.milliseconds);
  return { phases, packages };
}
