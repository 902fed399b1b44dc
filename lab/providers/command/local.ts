import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { finish } from "./children";
import { Command, type Run } from "./command";

const run: Run = async (command, inputs, environment, output, context) => {
  const [program, ...args] = (inputs.interpreter as string[] | undefined) ?? ["/bin/sh", "-c"];
  const child = spawn(program!, [...args, command], {
    cwd: inputs.dir as string | undefined,
    env: { ...process.env, ...(inputs.environment as object | undefined), ...environment } as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  const kill = () => child.kill("SIGKILL");
  context.cancelled.addEventListener("abort", kill);
  try {
    const { code, signal } = await finish(child, inputs.stdin, output);
    if (signal) return `signal: ${signalNames[constants.signals[signal]] ?? signal}`;
    return code === 0 ? undefined : `exit status ${code}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const directory = inputs.dir as string | undefined;
    const missing = directory !== undefined && !existsSync(directory) ? `chdir ${directory}` : `fork/exec ${program}`;
    return `${missing}: no such file or directory`;
  } finally {
    context.cancelled.removeEventListener("abort", kill);
  }
};

/** Go's own names of the signals that end a command most often. */
const signalNames: Record<number, string> = { 2: "interrupt", 9: "killed", 11: "segmentation fault", 15: "terminated" };

export const localCommand = new Command({ interpreter: "strings", dir: "string", environment: "map" }, false, run);
