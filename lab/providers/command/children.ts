import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Output } from "./output";

const running = new Set<ChildProcessWithoutNullStreams>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Feeds a child process, collects its output and waits for its end; it ends with the provider at the latest. */
export async function finish(child: ChildProcessWithoutNullStreams, stdin: unknown, output: Output): Promise<Exit> {
  running.add(child);
  child.stdout.on("data", (chunk: Buffer) => output.add("stdout", chunk));
  child.stderr.on("data", (chunk: Buffer) => output.add("stderr", chunk));
  child.stdin.on("error", () => {}); // a command may end without reading its input
  child.stdin.end(typeof stdin === "string" ? stdin : "");
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal }));
    });
  } finally {
    running.delete(child);
  }
}
