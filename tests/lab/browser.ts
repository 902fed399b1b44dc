import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type Browser, chromium } from "playwright-core";
import type { Lab } from "../../lab/servers/lab";

/** Debian's Chromium without a window, in a lab's network. */
export interface LabBrowser {
  browser: Browser;
  close(): Promise<void>;
}

export async function browserIn(lab: Lab): Promise<LabBrowser> {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-browser-"));
  const executablePath = path.join(directory, "chromium");
  writeFileSync(executablePath, `#!/bin/sh\nexec ${lab.command(["chromium"]).join(" ")} "$@"\n`);
  chmodSync(executablePath, 0o755);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] }); // root has no sandbox
  return {
    browser,
    async close() {
      await browser.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
