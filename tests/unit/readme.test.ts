import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { type Operation, readResults } from "../../bench/results";
import { median } from "../../bench/statistics";
import { packageFile } from "../../components/packageFile";
import { svgOf } from "../../graph/svg";
import { meshConfig } from "../../mesh/config";
import { checkMesh } from "../../mesh/validate";

const textOf = (file: string) => readFileSync(packageFile(file), "utf8");
const readme = textOf("README.md");

/** Every document that is written by hand. */
const documents = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ...readdirSync(packageFile("docs"))
    .filter((name) => name.endsWith(".md") && name !== "api.md")
    .map((name) => `docs/${name}`),
];

/** The settings that a section's table names, in the first cell of each row. */
function settingsIn(heading: string): string[] {
  const section = textOf("docs/config.md").split(`\n## ${heading}\n`)[1]!.split("\n#")[0]!;
  const cells = [...section.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!)).sort();
}

/** The maps of settings within a config, each under the names by which it is reached. */
function maps(schema: unknown, place: string): [string, string[]][] {
  if (schema instanceof z.ZodOptional) return maps(schema.unwrap(), place);
  if (schema instanceof z.ZodRecord) return maps(schema.valueType, `${place}.*`);
  if (!(schema instanceof z.ZodObject)) return [];
  const inner = Object.entries(schema.shape).flatMap(([name, value]) => maps(value, `${place}.${name}`));
  return [[place, Object.keys(schema.shape).sort()], ...inner];
}

test("the config reference has every setting, and no other", () => {
  const sections: Record<string, string> = {
    mesh: "The mesh",
    "mesh.servers.*": "Servers",
    "mesh.servers.*.proxy": "Bastions",
    "mesh.services.*": "Services",
    "mesh.ssh": "SSH",
    "mesh.ssh.proxy": "Bastions",
  };
  const found = maps(meshConfig, "mesh");
  assert.deepEqual(found.map(([place]) => place).sort(), Object.keys(sections).sort());
  for (const [place, names] of found) assert.deepEqual(settingsIn(sections[place]!), names, place);
});

test("the README is short enough to be read", () => {
  assert.ok(readme.split("\n").length <= 151, `it has ${readme.split("\n").length - 1} lines`);
});

test("documents link to what is there", () => {
  const headings = (file: string) =>
    [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
  for (const document of documents) {
    const targets = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    for (const target of targets.filter((target) => !target.startsWith("https://"))) {
      const [file, heading] = target.split("#");
      const linked = file ? path.join(path.dirname(packageFile(document)), file) : packageFile(document);
      assert.ok(existsSync(linked), `${document}: ${target}`);
      if (heading && linked.endsWith(".md")) assert.ok(headings(linked).includes(heading), `${document}: ${target}`);
    }
  }
});

test("the commands in the documents are those that there are", () => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const usage = textOf("cli/main.ts");
  for (const document of documents) {
    const text = textOf(document);
    for (const [, name] of text.matchAll(/\bnpm run (?:--\S+ )?([a-z:]+)/g)) {
      assert.ok(name! in scripts, `${document}: npm run ${name}`);
    }
    for (const [, name] of text.matchAll(/`(?:npx )?fakevpc ([a-z]+)\b/g)) {
      assert.match(usage, new RegExp(`\\bfakevpc ${name}\\b`), `${document}: fakevpc ${name}`);
    }
  }
});

/** The mesh of the README: its eight lines, and the two of its service. */
function readmeMesh() {
  const [config, service] = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => block!);
  const settings = { ...parse(config!).config, ...parse(service!) } as Record<string, unknown>;
  assert.equal(config!.trimEnd().split("\n").length, 8);
  return checkMesh(
    Object.fromEntries(Object.entries(settings).map(([key, value]) => [key.replace("fakevpc:", ""), value])),
  );
}

test("the README's picture is that of its mesh, drawn by this version", () => {
  const { servers } = readmeMesh();
  const [file] = /docs\/\w+\.svg/.exec(readme)!;
  const times = [...textOf(file).matchAll(/ · ([\d.]+ ms)</g)].map(([, time]) => time);
  const pairs = servers.flatMap((dialler, at) => servers.slice(0, at).map((listener) => ({ dialler, listener })));
  assert.equal(times.length, pairs.length);
  const links = pairs.map(({ dialler, listener }, at) => {
    return { dialler: dialler.name, listener: listener.name, state: "up" as const, roundTrip: times[at] };
  });
  assert.equal(textOf(file), svgOf(readmeMesh(), links));
});

test("the README's figures are those of the benchmark", () => {
  const { deploy, scale } = readResults(packageFile("docs"), undefined as never);
  const seconds = (tool: string, operation: Operation, size: number) => {
    const row = deploy!.rows.find((row) => row.tool === tool && row.operation === operation && row.size === size);
    return median(row!.runs.map((run) => run.seconds));
  };
  const [three, ten] = [3, 10].map((size) => Math.round(seconds("fakevpc", "first", size)));
  const forty = Math.round(scale!.rows.find(({ size }) => size === 40)!.seconds.first!);
  const first = `three servers with WireGuard installed become a mesh in ${three} s, ten in ${ten} s, forty in ${forty} s`;
  assert.ok(readme.includes(first), first);
  const ratios = (["first", "idle", "add", "remove"] as const).flatMap((operation) =>
    [3, 5, 10].map((size) => seconds("parallel", operation, size) / seconds("fakevpc", operation, size)),
  );
  const quicker = `${Math.round(Math.min(...ratios))} to ${Math.round(Math.max(...ratios))} times quicker`;
  assert.ok(readme.includes(quicker), quicker);
});

test("the units of docs/on-a-server.md are those that the host program writes", () => {
  const parts = packageFile("host/parts");
  const program = readdirSync(parts)
    .map((name) => readFileSync(path.join(parts, name), "utf8"))
    .join("");
  const written = [...program.matchAll(/\bfakevpc-\$prefix-([\w-]+\.(?:service|timer))/g)].map(([, name]) => name!);
  const told = [...textOf("docs/on-a-server.md").matchAll(/`fakevpc-vpc-([\w-]+\.(?:service|timer))`/g)];
  assert.deepEqual([...new Set(told.map(([, name]) => name!))].sort(), [...new Set(written)].sort());
});

test("each text by which the provider fails to connect has its row in the table of remedies", () => {
  const operations = readFileSync(packageFile("docs/operations.md"), "utf8");
  const rows = [...operations.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)]);
  const texts = rows.map(([, text]) => text!);
  for (const said of [
    "dial tcp 203.0.113.11:22: connect: connection refused",
    "dial tcp 203.0.113.11:22: i/o timeout",
    "ssh: rejected: connect failed (Connection timed out)",
    "ssh: handshake failed: read tcp 203.0.113.9:40000->203.0.113.11:22: read: connection reset by peer",
    "ssh: handshake failed: EOF",
    "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
    'ssh: disconnect, reason 2: "Too many authentication failures"',
    "dial unix /tmp/ssh-x/agent.1: connect: no such file or directory",
    "ssh: this private key is passphrase protected",
    "x509: decryption password incorrect",
    "ssh: key is not password protected",
    "ssh: no key found",
    "ssh: no common algorithm for host key; we offered: [ssh-rsa], peer offered: [ssh-ed25519]",
    "ssh: handshake failed: ssh: host key mismatch",
    "wait: remote command exited without exit status or exit signal",
  ]) {
    assert.ok(
      texts.some((text) => said.includes(text)),
      said,
    );
  }
});
