import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { elevated, quote } from "../../components/hostProgram";
import { packageFile } from "../../components/packageFile";
import type { Peer } from "../findings/peers";
import { type Answer, parseAnswer } from "./answer";
import { lastWords } from "./lastWords";
import { NotConnected, type Way } from "./way";

/** Seconds until a server that went silent is given up. */
const answerTimeout = 20;

const script = readFileSync(packageFile("cli/server/probe.sh"), "utf8");

/** What came of asking one server. */
export interface Probe {
  answer?: Answer;
  /** Why there is no answer: ssh's own last words. */
  error?: string;
  /** Seconds by which the server's clock is ahead of this machine's. */
  clockOffset?: number;
}

/** Asks a server everything by one command of the system's ssh. Its failure is part of the result. */
export async function probe(name: string, prefix: string, peers: Peer[], way: Way): Promise<Probe> {
  let argv: string[];
  try {
    argv = await way.argumentsFor(name);
  } catch (error) {
    if (error instanceof NotConnected) return { error: error.message };
    throw error;
  }
  const ways = peers.map((peer) => `${peer.address}%${peer.interface}`).join(" ");
  const stable = peers.flatMap((peer) => peer.stable).join(" ");
  const command = elevated(["sh -s --", prefix, name, quote(ways), quote(stable)].join(" "));
  const child = spawn("ssh", ["-T", ...argv, command], {
    env: { ...process.env, ...way.environment },
    timeout: answerTimeout * 1000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let firstWord = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    firstWord ||= Date.now() / 1000;
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {}); // ssh may end before it has read the script
  child.stdin.end(script);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ error: `ssh cannot be run here: ${error.message}` }));
    child.on("close", async (_, signal) => {
      const answer = parseAnswer(stdout);
      if (answer) resolve({ answer, clockOffset: answer.time - firstWord });
      else if (signal) resolve({ error: `no answer within ${answerTimeout} s` });
      else resolve({ error: (await way.whyNot?.(name)) ?? complaint(stderr) });
    });
  });
}

function complaint(stderr: string): string {
  return lastWords(stderr) || "the answer broke off";
}
