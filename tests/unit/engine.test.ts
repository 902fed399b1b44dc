import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, jest, test } from "@jest/globals";
import { downloaded } from "../../lab/engine/download";
import { install } from "../../lab/engine/install";
import { inCache, onPath } from "../../lab/engine/installed";
import { programs, version } from "../../lab/engine/programs";
import { firstOf, type Source } from "../../lab/engine/source";
import { fromToolchain } from "../../lab/engine/toolchain";
import { run } from "../../lab/process";

let directory: string;
let lines: string[];
const environment = { ...process.env };

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-engine-"));
  lines = [];
});

afterEach(() => {
  rmSync(directory, { recursive: true });
  process.env = { ...environment };
  jest.restoreAllMocks();
});

const log = (line: string) => lines.push(line);
const working = (found: string): Source => ({ found, find: async () => `/${found}` });
const failing = (reason: string): Source => ({
  found: "never",
  find: async () => {
    throw new Error(reason);
  },
});

test("a source that has no engine gives way to the next, and each says one line", async () => {
  const sources = [
    failing("not on PATH"),
    failing("the server cannot be reached"),
    working("compiled"),
    working("unused"),
  ];
  assert.equal(await firstOf(sources, log), "/compiled");
  assert.deepEqual(lines, [
    "Pulumi engine: not on PATH",
    "Pulumi engine: the server cannot be reached",
    "Pulumi engine: compiled",
  ]);
});

test("without any engine the error says what to install", async () => {
  await assert.rejects(firstOf([failing("not on PATH")], log), /install Pulumi .* or Go/);
});

test("PATH counts only with both programs on it", async () => {
  process.env.PATH = directory;
  await assert.rejects(onPath.find(log), /^Error: not on PATH$/);
  program("pulumi");
  await assert.rejects(onPath.find(log), /pulumi-language-nodejs is not$/);
  program("pulumi-language-nodejs");
  assert.equal(await onPath.find(log), directory);
});

test("an installation that stops half way leaves nothing behind", async () => {
  const target = path.join(directory, "engine");
  await assert.rejects(
    install(target, async (beside) => program("pulumi", beside)),
    /without all of its programs/,
  );
  await assert.rejects(inCache(target).find(log), /not in the cache yet/);
  await install(target, async (beside) => {
    for (const name of programs) program(name, beside);
  });
  assert.equal(await inCache(target).find(log), target);
});

test("a toolchain installs into the cache", async () => {
  delete process.env.FAKEVPC_TOOLCHAIN;
  const target = path.join(directory, "engine");
  await assert.rejects(fromToolchain(target).find(log), /FAKEVPC_TOOLCHAIN is not set/);
  program("install", directory, `for name in ${programs.join(" ")}; do cp "$0" "$1/$name"; done`);
  process.env.FAKEVPC_TOOLCHAIN = directory;
  assert.equal(await fromToolchain(target).find(log), target);
});

test("Pulumi's own build is installed by its Automation API, where its server can be reached", async () => {
  const target = path.join(directory, "engine");
  const bin = '"$3/bin"'; // install.sh --no-edit-path --install-root DIRECTORY --version VERSION
  const make = `printf '#!/bin/sh\\necho v%s\\n' "$5" > ${bin}/$name && chmod 755 ${bin}/$name`;
  const fake = `mkdir -p ${bin}; for name in ${programs.join(" ")}; do ${make}; done`;
  const asked: string[] = [];
  const fetched = jest.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
    asked.push(String(url));
    return new Response(fake);
  });
  assert.equal(await downloaded(target).find(log), target);
  assert.equal((await run([path.join(target, "pulumi")])).stdout, `v${version}\n`);
  assert.deepEqual([...new Set(asked)], ["https://get.pulumi.com/install.sh"]);
  fetched.mockImplementation(async () => {
    throw new TypeError("fetch failed");
  });
  await assert.rejects(downloaded(target).find(log), /^Error: get\.pulumi\.com cannot be reached$/);
});

function program(name: string, parent = directory, text = "exit 0"): void {
  mkdirSync(parent, { recursive: true });
  const file = path.join(parent, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}
