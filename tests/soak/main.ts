import { parseArgs } from "node:util";
import { lastLine, soak } from "./soak";

const usage = `npm run soak -- --minutes 60 [--seed NUMBER]    changes, faults and interruptions of a mesh, drawn at random
  --minutes N    how long new rows are begun; default: 10
  --seed N       repeats what was drawn from this number; default: another one each time
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
  const minutes = Number(values.minutes ?? 10);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  tell(`soak: seed ${seed}`);
  const start = Date.now();
  const elapsed = () => (Date.now() - start) / 60_000;
  const figures = await soak({ seed, goesOn: () => elapsed() < minutes, tell });
  tell(lastLine(seed, elapsed(), figures));
}

main().catch((error: Error) => {
  process.stderr.write(`soak: ${error.message}\n`);
  process.exitCode = 1;
});
