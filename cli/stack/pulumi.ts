import { spawnSync } from "node:child_process";
import { findPulumi } from "./findPulumi";

/** What went wrong in words for whoever runs the command; it needs no stack trace. */
export class CommandError extends Error {}

/**
 * A stack's state as Pulumi's own CLI exports it, which knows every backend; the selected stack stays as it is. With
 * secrets, it goes through a pipe alone.
 */
export function exportStack(stack: string | undefined, options: { showSecrets: boolean }): unknown {
  const argv = ["stack", "export", "--non-interactive", "--color", "never"];
  if (stack !== undefined) argv.push("--stack", stack);
  if (options.showSecrets) argv.push("--show-secrets");
  const pulumi = findPulumi();
  if (!pulumi) throw new CommandError("pulumi is not on PATH, and `npx pulumi` has fetched none yet: install it");
  const { error, status, stdout, stderr } = spawnSync(pulumi, argv, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (error) throw new CommandError(`pulumi cannot be run here (${(error as NodeJS.ErrnoException).code}): install it`);
  if (status !== 0) throw new CommandError(`pulumi stack export failed: ${stderr.trim().replace(/^error: /, "")}`);
  return JSON.parse(stdout);
}
