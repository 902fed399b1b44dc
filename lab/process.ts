import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What a finished process left behind. `code` is 128 + the signal's number where a signal ended it. */
export interface Result {
  stdout: string;
  stderr: string;
  code: number;
}

export interface RunOptions {
  /** Text for standard input; none by default. */
  input?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds until the process is killed; none by default. */
  timeout?: number;
  /** Return a non-zero exit code instead of throwing. Default false. */
  allowFailure?: boolean;
  /** Called with each piece of output as it comes. */
  onOutput?: (text: string) => void;
  /** Called with the process's id. The process then leads a session of its own, which endSession() can end. */
  onStart?: (pid: number) => void;
}

/** Runs a program to its end. Throws, with the program's own output, unless it exits with 0. */
export async function run(argv: string[], options: RunOptions = {}): Promise<Result> {
  const [program, ...args] = argv;
  const { cwd, env, timeout } = options;
  const spawnOptions: SpawnOptions = { cwd, env, timeout, detached: options.onStart !== undefined };
  const child = spawn(program!, args, { ...spawnOptions, killSignal: "SIGKILL", stdio: "pipe" });
  if (child.pid) options.onStart?.(child.pid);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    options.onOutput?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onOutput?.(text);
  });
  child.stdin.on("error", () => {}); // a program may end without reading its input
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, signal) => resolve(exit ?? 128 + (signal === "SIGKILL" ? 9 : 15)));
  });
  if (code !== 0 && !options.allowFailure) {
    throw new Error(`${argv.join(" ")} ended with ${code}\n${stdout}${stderr}`);
  }
  return { stdout, stderr, code };
}

/** Kills every process of the session that this one leads or led, also those with a group of their own. */
export function endSession(leader: number): void {
  endEach((pid) => sessionOf(pid) === leader);
}

/** Kills every process that was started with this variable in its environment. */
export function endMarked(name: string, value: string): void {
  endEach((pid) => readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${name}=${value}`));
}

function endEach(isMeant: (pid: string) => boolean): void {
  if (!existsSync("/proc")) return;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (isMeant(pid)) process.kill(Number(pid), "SIGKILL");
    } catch {} // it ended meanwhile, or is another user's
  }
}

/** Field 6 of proc(5); the second one, the name, may hold anything up to its closing bracket. */
function sessionOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
}
