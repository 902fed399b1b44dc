import { spawn } from "node:child_process";
import { lastWords } from "../server/lastWords";

/** Milliseconds until a login that says nothing is given up. */
const patience = 20_000;

export interface SshResult {
  code: number | null;
  stdout: string;
  /** ssh's last words, or why there are none. */
  complaint: string;
}

/** Runs a command by the system's ssh, bounded in time. */
export function runSsh(argv: string[], environment: NodeJS.ProcessEnv, input = ""): Promise<SshResult> {
  const child = spawn("ssh", ["-T", ...argv], {
    env: { ...process.env, ...environment },
    timeout: patience,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {}); // ssh may end before it has read everything
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on("error", (error) =>
      resolve({ code: null, stdout, complaint: `ssh cannot be run here: ${error.message}` }),
    );
    child.on("close", (code, signal) => {
      const silence = signal ? `no answer within ${patience / 1000} s` : "it said nothing";
      resolve({ code, stdout, complaint: lastWords(stderr) || silence });
    });
  });
}
