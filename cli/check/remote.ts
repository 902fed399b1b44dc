import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { elevated } from "../../components/hostProgram";
import { packageFile } from "../../components/packageFile";
import { notYet } from "../server/keptConnection";
import { lastWords } from "../server/lastWords";
import { NotConnected, type Way } from "../server/way";

/** Milliseconds for a command, and for a server's turn to be asked, which a bastion's firewall may put off. */
const patience = 20_000;
const turnPatience = 90_000;

export interface Answer {
  stdout: string;
  /** Why it failed; empty where it did not. */
  error: string;
  /** When its first word came, in seconds since 1970. */
  firstWord: number;
}

/** A program that a server runs from its standard input; it is not written there. */
export interface RemoteProgram {
  file: "survey.sh" | "listen.pl" | "dial.pl";
  argv: string[];
  asRoot: boolean;
}

/** ssh's arguments for a server, once it is its turn. Throws NotConnected. */
async function argumentsFor(way: Way, server: string): Promise<string[]> {
  for (const end = Date.now() + turnPatience; ; await sleep(500)) {
    try {
      return await way.argumentsFor(server);
    } catch (error) {
      if (!(error instanceof NotConnected) || error.message !== notYet || Date.now() > end) throw error;
    }
  }
}

/** Starts a program on a server. Its standard input stays open after the program's own text. */
async function start(way: Way, server: string, program: RemoteProgram): Promise<ChildProcessWithoutNullStreams> {
  const argv = await argumentsFor(way, server);
  const isPerl = program.file.endsWith(".pl");
  const command = [...(isPerl ? ["perl", "-"] : ["sh", "-s", "--"]), ...program.argv.map((word) => `'${word}'`)];
  const line = command.join(" ");
  const child = spawn("ssh", ["-T", ...argv, program.asRoot ? elevated(line) : line], {
    env: { ...process.env, ...way.environment },
  });
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  child.stdin.on("error", () => {}); // ssh may end before it has read the program
  child.stdin.write(readFileSync(packageFile("cli/check", program.file), "utf8"));
  if (isPerl) child.stdin.write("__END__\n");
  return child;
}

/** Runs a program on a server to its end. That it fails is part of the answer. */
export async function ask(way: Way, server: string, program: RemoteProgram): Promise<Answer> {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = await start(way, server, program);
  } catch (error) {
    if (error instanceof NotConnected) return { stdout: "", error: error.message, firstWord: 0 };
    throw error;
  }
  child.stdin.end();
  const answer: Answer = { stdout: "", error: "", firstWord: 0 };
  let stderr = "";
  child.stdout.on("data", (text: string) => {
    answer.firstWord ||= Date.now() / 1000;
    answer.stdout += text;
  });
  child.stderr.on("data", (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ ...answer, error: `ssh cannot be run here: ${error.message}` }));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const why = signal ? `no answer within ${patience / 1000} s` : lastWords(stderr) || "the answer broke off";
      resolve({ ...answer, error: code === 0 ? "" : why });
    });
  });
}

/** A listener on a server, until it is closed. */
export interface Listener {
  /** Why it does not listen; empty where it does. */
  error: string;
  /** The lines that it has said so far. */
  lines: string[];
  close(): void;
}

/** Starts a listener, and waits until it listens or has failed. */
export async function listen(way: Way, server: string, program: RemoteProgram): Promise<Listener> {
  const child = await start(way, server, program);
  const listener: Listener = { error: "", lines: [], close: () => child.stdin.end() };
  let [rest, stderr] = ["", ""];
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    child.stdout.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      listener.lines.push(...lines);
      if (listener.lines[0]?.startsWith("ready")) {
        clearTimeout(timer);
        resolve(listener);
      }
    });
    child.stderr.on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", () => {}); // it closes, too
    child.on("close", () => {
      clearTimeout(timer);
      listener.error = lastWords(stderr) || "its listener ended";
      resolve(listener);
    });
  });
}
