import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { run } from "../process";
import { download, request } from "./http";
import { install } from "./install";
import { version } from "./programs";
import type { Log, Source } from "./source";

const releases = "https://get.pulumi.com/releases/sdk";

/** Pulumi's own build. */
export function downloaded(directory: string): Source {
  return {
    found: `downloaded from ${releases}`,
    async find(log) {
      const archive = archiveName();
      await request(`${releases}/${archive}`, "HEAD");
      log(`downloading ${releases}/${archive}`);
      return install(directory, (beside) => unpack(archive, beside, log));
    },
  };
}

function archiveName(): string {
  const { platform, arch } = process;
  if (!["linux", "darwin"].includes(platform) || !["x64", "arm64"].includes(arch)) {
    throw new Error(`no official build for ${platform} on ${arch}`);
  }
  return `pulumi-v${version}-${platform}-${arch}.tar.gz`;
}

async function unpack(archive: string, directory: string, log: Log): Promise<void> {
  const file = path.join(directory, archive);
  await download(`${releases}/${archive}`, file, (percent) => log(`${percent} % downloaded`));
  await verify(file, archive, log);
  await run(["tar", "-xzf", file, "-C", directory, "--strip-components=1"]);
  rmSync(file);
}

/** Compares the file with the official list of checksums. A list that cannot be had is said, not fatal. */
async function verify(file: string, archive: string, log: Log): Promise<void> {
  const list = await request(`${releases}/pulumi-${version}-checksums.txt`).then(
    (response) => response.text(),
    (error: Error) => log(`not checked against the official checksums: ${error.message}`),
  );
  if (!list) return;
  const expected = list.split("\n").find((line) => line.trim().endsWith(archive));
  const actual = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (!expected?.startsWith(actual)) throw new Error(`${archive} is not what the official checksums say`);
}
