import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { run } from "../../lab/process";
import { type Bench, secondsOf, withDirectory } from "../bench";
import { addressOf } from "../programAlone";
import type { Program } from "../results";
import { median } from "../statistics";

/** The program by itself, for meshes of more servers than anybody has here: no server is asked anything. */
export async function program(bench: Bench, save: (rows: Program[]) => void): Promise<void> {
  const rows: Program[] = [];
  for (const size of bench.quick ? [10, 20] : [10, 20, 50, 100, 200]) {
    const mocks = [];
    const previews = [];
    for (let round = 1; round <= bench.repeat; round++) {
      mocks.push(await alone(size));
      previews.push(await withDirectory((directory) => preview(bench, size, directory)));
    }
    const { resources } = mocks[0]!;
    const seconds = median(mocks.map((each) => each.seconds));
    const memoryMib = median(mocks.map((each) => each.memoryMib));
    rows.push({ size, resources, mocks: { seconds, memoryMib }, preview: median(previews) });
    bench.log(`${size} servers, ${resources} resources: mocks ${seconds} s, preview ${rows.at(-1)!.preview} s`);
    save(rows);
  }
}

async function alone(size: number): Promise<{ seconds: number; memoryMib: number; resources: number }> {
  const argv = [process.execPath, packageFile("dist/bench/programAlone.js"), String(size)];
  let output = "";
  const seconds = await secondsOf(async () => {
    output = (await run(argv, { env: process.env })).stdout;
  });
  return { seconds, ...JSON.parse(output) };
}

async function preview(bench: Bench, size: number, directory: string): Promise<number> {
  const privateKeyFile = path.join(directory, "key");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", privateKeyFile]);
  const stack = new Stack({ engine: bench.engine, name: "bench", directory: path.join(directory, "stack") });
  const servers = Array.from({ length: size }, (_, at) => [`server${at + 1}`, { address: addressOf(at + 1) }]);
  await stack.setConfig({ "fakevpc:servers": Object.fromEntries(servers), "fakevpc:ssh": { privateKeyFile } });
  return secondsOf(() => stack.preview());
}
