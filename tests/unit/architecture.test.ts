import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import { parse } from "yaml";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import { planOf } from "../../mesh/plan";
import { renderKeys, renderStdin, renderTexts } from "../../mesh/render";
import { checkMesh } from "../../mesh/validate";
import { afterThis } from "../after";

const page = readFileSync(packageFile("docs/architecture.md"), "utf8");
const hidden = "…";

/** The text of the page's block with this name. */
function block(name: string): string {
  const found = new RegExp(`\`\`\`\\w+ ${name}\\n(.*?)\`\`\``, "s").exec(page);
  assert.ok(found, `the page has no block "${name}"`);
  return found[1]!;
}

const mesh = () => checkMesh(parse(block("config")));

/** What the server is given on standard input, with a mark for each key. */
function stdin(): string {
  const plan = planOf(mesh(), "server2");
  const peers = plan.interfaces.flatMap((each) => each.peers.map(({ name }) => name));
  const keys = renderKeys(
    hidden,
    peers.map((name) => ({ name, publicKey: hidden, presharedKey: hidden })),
  );
  return renderStdin(hidden, keys, "", renderTexts(plan));
}

test("the mesh of the example is what the checks make of its config", () => {
  const server2 = mesh().servers.find(({ name }) => name === "server2");
  assert.deepEqual(JSON.parse(block("server2")), JSON.parse(JSON.stringify(server2)));
});

test("the standard input of the example is what is rendered", () => {
  assert.equal(block("stdin"), stdin());
});

test("the files of the example are what the server makes of its standard input", async () => {
  const stage = mkdtempSync(path.join(tmpdir(), "fakevpc-plan-"));
  afterThis(() => rmSync(stage, { recursive: true }));
  mkdirSync(path.join(stage, "confs"));
  writeFileSync(path.join(stage, "stdin"), stdin());
  const program = ["ranges", "sockets", "plan"].map((name) =>
    readFileSync(packageFile("host/awk", `${name}.awk`), "utf8"),
  );
  const argv = ["-v", `stage=${stage}`, "-v", "prefix=vpc", program.join("\n"), path.join(stage, "stdin")];
  await run(["awk", ...argv], { timeout: 10_000 });
  for (const name of ["confs/vpcc1.conf", "socat"]) {
    assert.equal(block(name), readFileSync(path.join(stage, name), "utf8"), name);
  }
});

test("the files that the page names are there", () => {
  const named = [...page.matchAll(/`((?:mesh|components|graph|host|cli|tests)\/[\w./-]+\.\w+)`/g)].map(
    ([, name]) => name!,
  );
  assert.ok(named.length > 20);
  for (const name of named) assert.ok(existsSync(packageFile(name)), name);
});

test("the page is short enough to be read", () => {
  assert.ok(page.split("\n").length <= 170, `it has ${page.split("\n").length - 1} lines`);
});
