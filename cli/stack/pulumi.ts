import { spawnSync } from "node:child_process";
import { findPulumi } from "./findPulumi";

/** What went wrong in words for whoever runs the command; it needs no stack trace. */
export class CommandError extends Error {}

/**
 * A stack's state as Pulumi's own CLI exports it, which knows every backend; the selected stack stays as it is. With
 * secrets, it goes through a pipe alone.
 */
export function exportStack(stack: string | undefined, options: { showSecrets: boolean }): unknown {
  const argv = ["stack", "export", ...(options.showSecrets ? ["--show-secrets"] : [])];
  return JSON.parse(pulumi([...argv, ...ofStack(stack)]));
}

/** The arguments that name a stack; without them the selected one is meant. */
export function ofStack(stack: string | undefined): string[] {
  return stack === undefined ? [] : ["--stack", stack];
}

interface Run {
  /** Standard input; a secret goes this way. */
  input?: string;
  directory?: string;
}

/** What Pulumi's CLI prints. It asks nothing. */
export function pulumi(argv: string[], { input, directory }: Run = {}): string {
  const program = findPulumi();
  if (!program) throw new CommandError("pulumi is not on PATH, and `npx pulumi` has fetched none yet: install it");
  const { error, status, stdout, stderr } = spawnSync(program, [...argv, "--non-interactive", "--color", "never"], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    input,
    cwd: directory,
  });
  if (error) throw new CommandError(`pulumi cannot be run here (${(error as NodeJS.ErrnoException).code}): install it`);
  if (status === 0) return stdout;
  const command = argv.slice(0, 2).filter((word) => !word.startsWith("-"));
  throw new CommandError(`pulumi ${command.join(" ")} failed: ${stderr.trim().replace(/^error: /, "")}`);
}
