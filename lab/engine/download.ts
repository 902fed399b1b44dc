import { readdirSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import { SemVer } from "semver";
import { request } from "./http";
import { install } from "./install";
import { version } from "./programs";
import type { Source } from "./source";

const server = "https://get.pulumi.com";

/** Pulumi's own build, as its Automation API installs it. */
export function downloaded(directory: string): Source {
  return {
    found: `downloaded from ${server}`,
    async find(log) {
      await request(`${server}/install.sh`, "HEAD"); // the Automation API waits for minutes where nobody answers
      log(`downloading Pulumi ${version} from ${server}`);
      return install(directory, unpack);
    },
  };
}

async function unpack(directory: string): Promise<void> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const root = path.join(directory, "root");
  await PulumiCommand.install({ root, version: new SemVer(version), skipVersionCheck: true });
  for (const program of readdirSync(path.join(root, "bin"))) {
    renameSync(path.join(root, "bin", program), path.join(directory, program));
  }
  rmSync(root, { recursive: true });
}
