import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * Throws where a Command did not run its step, though it ended well: a forced command or a login shell may have run instead.
 * A step prints the digest of the standard input that it got, on a line of its own; a login may greet in front of it.
 */
export function requireFirstWords(server: string, step: "host" | "mesh", stdin: string, stdout: string): void {
  const line = `fakevpc ${step} sha256:${createHash("sha256").update(stdin).digest("hex")}`;
  if (stdout.split(/\r?\n/).includes(line)) return;
  const error = new pulumi.RunError(
    `${server}: the login ran something else than the step "${step}" (it printed ${shown(stdout)}): ` +
      "mend the login, then change `reapply` of this server",
  );
  error.stack = error.message; // else Pulumi prints where in this program it was thrown
  throw error;
}

/** The first line that says something, without whatever may be a key. */
function shown(stdout: string): string {
  const line = stdout.split(/\r?\n/).find((each) => each.trim() !== "");
  if (line === undefined) return "nothing";
  return JSON.stringify(line.replace(/[A-Za-z0-9+/]{40,}=*/g, "…").slice(0, 80));
}
