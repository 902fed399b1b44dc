import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { tell } from "../after";
import { lastLine, soak } from "../soak/soak";

// Twenty rows of what happens to a mesh, others in each run, or as many as a slow machine has time for.
// FAKEVPC_SOAK_SEED repeats a run.
const rows = 20;
const minutes = 8;

test("a mesh is as its config says after whatever happened to it", async () => {
  const seed = Number(process.env.FAKEVPC_SOAK_SEED ?? Date.now() % 1_000_000);
  tell(`seed ${seed}`);
  const start = Date.now();
  const elapsed = () => (Date.now() - start) / 60_000;
  const figures = await soak({ seed, goesOn: (done) => done < rows && elapsed() < minutes, tell });
  tell(lastLine(seed, elapsed(), figures));
  assert.ok(figures.rows > 1);
});
