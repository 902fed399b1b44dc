import * as path from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../lab/cache";
import { ensureEngine } from "../lab/engine/engine";
import type { Bench } from "./bench";
import { writeDocument } from "./document/document";
import { describeMachine, load } from "./machine";
import { type Results, readResults, writeResults } from "./results";
import { deploy } from "./sections/deploy";
import { distance } from "./sections/distance";
import { forward } from "./sections/forward";
import { profile } from "./sections/profile";
import { program } from "./sections/program";
import { scale } from "./sections/scale";

const sections = { profile, program, forward, distance, deploy, scale };
type Name = keyof typeof sections;

const usage = `npm run bench [-- SECTION… OPTIONS]
Sections: ${Object.keys(sections).join(", ")}; all of them by default. "document" only draws the document again.
  --sizes 3,5,10   numbers of servers for "deploy"
  --repeat 3       how often; figures are medians
  --against DIR    a compiled checkout of an older commit, which "scale" measures in the same run
  --quick          small and short, to see that everything works
  --output DIR     where results and document go; default: docs, with --quick bench-quick in the cache
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sizes: { type: "string" },
      repeat: { type: "string" },
      quick: { type: "boolean", default: false },
      against: { type: "string" },
      output: { type: "string" },
    },
  });
  const { quick } = values;
  const sizes = (values.sizes ?? (quick ? "3" : "3,5,10")).split(",").map(Number);
  const repeat = Number(values.repeat ?? (quick ? 1 : 3));
  const unknown = positionals.filter((name) => !(name in sections) && name !== "document");
  if (unknown.length > 0 || ![...sizes, repeat].every((number) => Number.isInteger(number) && number > 0)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const directory = path.resolve(values.output ?? (quick ? cacheDirectory("bench-quick") : "docs"));
  const results = readResults(directory, describeMachine());
  const wanted = positionals.length > 0 ? positionals : Object.keys(sections);
  const names = (Object.keys(sections) as Name[]).filter((name) => wanted.includes(name));
  if (names.length > 0) {
    const against = values.against && path.resolve(values.against);
    const bench = { engine: await ensureEngine(log), sizes, repeat, quick, against, log };
    for (const name of names) await measure(name, bench, results, directory);
  }
  writeDocument(directory, results);
  log(`written to ${directory}`);
}

/** Runs one section. What it has measured is kept as it goes on; a failure ends it, and not the others. */
async function measure(name: Name, bench: Bench, results: Results, directory: string): Promise<void> {
  const { repeat } = bench;
  const about = { date: new Date().toISOString().slice(0, 10), loadBefore: load(), repeat };
  const started = Date.now();
  // Each size of "deploy" takes long, so that one can be measured without the others.
  const others =
    name === "deploy" ? (results.deploy?.rows ?? []).filter(({ size }) => !bench.sizes.includes(size)) : [];
  const keep = (rows: unknown[]) => {
    Object.assign(results, { [name]: { ...about, rows: [...others, ...rows] } });
    writeResults(directory, results);
  };
  log(`${name}, with a load of ${about.loadBefore}`);
  try {
    await sections[name](bench, keep);
  } catch (error) {
    process.exitCode = 1;
    log(`${name} failed: ${(error as Error).message}`);
  }
  log(`${name}: ${Math.round((Date.now() - started) / 1000)} s`);
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
