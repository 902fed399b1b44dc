import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { programsIn } from "./programs";

/** Of the packages that every Debian has, and the shell's own. */
const everywhere = words(`
  awk basename bash cat chmod chroot cp cut date diff dirname dpkg-deb env find flock grep id install ln ls mkdir mkfifo
  mknod mktemp mount mountpoint mv nsenter pivot_root readlink realpath rm rmdir sed seq setsid sh sha256sum sleep sort stat tail
  tar timeout touch tr truncate umount unshare wc xargs /bin/bash /bin/sh
  break case cd command continue done echo esac eval exit export false fi for kill local printf pwd read return set shift
  test trap true umask unset wait`);

/** What is there where somebody works on the project, and what the project fetches by itself. */
const given = words(
  "ansible-playbook apt-get git go node npm npx pulumi node_modules/.bin/biome node_modules/.bin/knip",
);

/** Run on servers, whose image has them. */
const onServers = words("ping systemctl");

/** Told to pulumi, and to our own command. */
const parameters = words("adopt cancel check config destroy graph init refresh stack status up");

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Neither what runs on servers, nor these tests with their examples of text. */
const elsewhere =
  /^(host|bench\/serve\.sh|demo\/program|cli\/(server\/probe|check\/survey|adopt\/confs)\.sh|tests\/unit|examples\/clouds)/;

function sources(): string[] {
  const skipped = ["node_modules", "dist", ".git"];
  const visit = (directory: string): string[] =>
    readdirSync(packageFile(directory), { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) return skipped.includes(entry.name) ? [] : visit(file);
      return /\.(ts|js|sh)$/.test(file) || file === ".ci/run" ? [file] : [];
    });
  return visit("").filter((file) => !elsewhere.test(file));
}

const listed = readFileSync(packageFile("scripts/needs.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(/\s+/));

test("every program that the project starts is in the list of what a machine needs", () => {
  const files = sources();
  const functions = files
    .filter((file) => !/\.(ts|js)$/.test(file))
    .flatMap((file) =>
      [...readFileSync(packageFile(file), "utf8").matchAll(/^\s*([\w]+)\(\)/gm)].map(([, name]) => name!),
    );
  const known = new Set([
    ...everywhere,
    ...given,
    ...onServers,
    ...parameters,
    ...functions,
    ...listed.map(([program]) => program!),
  ]);
  const missing = files.flatMap((file) =>
    programsIn(packageFile(file))
      .filter((program) => !known.has(program))
      .map((program) => `${file}: ${program}`),
  );
  assert.deepEqual([...new Set(missing)], []);
});

test("each line of the list has a program, its package, and uses", () => {
  for (const line of listed) {
    assert.equal(line.length, 3, line.join(" "));
    for (const use of line[2]!.split(","))
      assert.match(use, /^(bench|check|fresh-root|lab|program|tests|unit|vms)$/, line.join(" "));
  }
});
