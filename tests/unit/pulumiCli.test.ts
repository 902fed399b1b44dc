import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "@jest/globals";
import { findPulumi } from "../../cli/stack/findPulumi";
import { findOnPath } from "../../lab/engine/programs";

const environment = { ...process.env };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-cli-"));
  process.env.PULUMI_HOME = path.join(directory, "home");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
  process.env = { ...environment };
});

/** A program pulumi in a directory, which is returned. */
function pulumiIn(...parts: string[]): string {
  const place = path.join(directory, ...parts);
  mkdirSync(place, { recursive: true });
  const file = path.join(place, "pulumi");
  writeFileSync(file, "#!/bin/sh\n");
  chmodSync(file, 0o755);
  return place;
}

test("a pulumi of npm's is never taken, which would fetch one; the next on PATH is", () => {
  const ofNpm = pulumiIn("project/node_modules/.bin");
  const installed = pulumiIn("bin");
  for (const first of [ofNpm, `${ofNpm}/`]) {
    process.env.PATH = [first, installed].join(path.delimiter);
    assert.equal(findPulumi(), path.join(installed, "pulumi"));
    assert.equal(findOnPath("pulumi"), path.join(installed, "pulumi"));
    process.env.PATH = first;
    assert.equal(findPulumi(), undefined);
    assert.equal(findOnPath("pulumi"), undefined);
  }
});

test("without one on PATH the newest that npx has fetched is taken", () => {
  process.env.PATH = pulumiIn("project/node_modules/.bin");
  pulumiIn("home/versions/3.99.0/bin");
  const newest = pulumiIn("home/versions/3.259.0/bin");
  mkdirSync(path.join(directory, "home/versions/3.300.0/bin"), { recursive: true });
  assert.equal(findPulumi(), path.join(newest, "pulumi"));
});
