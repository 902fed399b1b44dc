import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { z } from "zod";
import { packageFile } from "../../components/packageFile";
import { meshConfig } from "../../mesh/config";

const repository = packageFile();
const readme = readFileSync(path.join(repository, "README.md"), "utf8");

/** The settings that a section's table names, in the first cell of each row. */
function settingsIn(heading: string): string[] {
  const section = readme.split(`\n### ${heading}\n`)[1]!.split("\n#")[0]!;
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

test("what the README links to is there", () => {
  const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  const own = targets.filter((target) => !target.startsWith("https://"));
  const headings = (file: string) =>
    [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
  for (const target of own) {
    const [file, heading] = target.split("#");
    const linked = path.join(repository, file || "README.md");
    assert.ok(existsSync(linked), target);
    if (heading) assert.ok(headings(linked).includes(heading), target);
  }
});
