import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { cacheDirectory } from "../cache";
import { run } from "../process";
import { waitUntil } from "../wait";
import { proxyAddress } from "./addresses";
import { script } from "./script";

/** A process id with its start time, which tells a process from a later one of the same id. */
interface Identity {
  pid: number;
  start: string;
}

/** The two processes that are a lab: the first one of its namespaces, and the one outside that cleans up after it. */
export interface Holder {
  holder: Identity;
  supervisor: Identity;
}

/** Starts a lab's namespaces. Unless it is to be kept, the lab ends with this process. */
export async function startHolder(directory: string, keep: boolean): Promise<Holder> {
  const log = openSync(path.join(directory, "holder.log"), "a+");
  const argv = [script("supervise.sh"), directory, controlGroup(directory), keep ? "keep" : "end"];
  // Its standard input is the pipe that ends with this process, even with a killed one.
  const stdin = keep ? "ignore" : "pipe";
  const supervisor = spawn("sh", argv, { cwd: "/", detached: true, stdio: [stdin, log, log] });
  let failed = false;
  const fail = () => {
    failed = true;
  };
  supervisor.on("exit", fail).on("error", fail).unref();
  (supervisor.stdin as Socket | null)?.on("error", () => {}).unref();

  const isReady = async () => failed || existsSync(path.join(directory, "holder"));
  await waitUntil(isReady, 120, "the lab's namespaces").catch((error) => {
    process.kill(-supervisor.pid!, "SIGKILL"); // the whole process group
    throw error;
  });
  // The supervisor removes the directory when it ends, but an open file can still be read.
  const output = readFileSync(`/proc/self/fd/${log}`, "utf8");
  closeSync(log);
  const found = findHolder(directory);
  if (failed || !found) {
    throw new Error(`The lab's namespaces could not be made:\n${output}`);
  }
  startProxy(directory, found);
  return found;
}

/** The processes of the lab in this directory, if it is up. */
export function findHolder(directory: string): Holder | undefined {
  const found = readHolder(directory);
  return found && isAlive(found.holder) ? found : undefined;
}

/** Ends the lab in this directory and removes what is left of it, also of one that died. */
export async function endHolder(directory: string): Promise<void> {
  const found = readHolder(directory);
  if (found && isAlive(found.holder)) {
    process.kill(found.holder.pid, "SIGKILL");
  }
  await waitUntil(async () => !found || !isAlive(found.supervisor), 180, `the end of the lab in ${directory}`);
  if (existsSync(directory)) {
    await run(["sh", script("clean.sh"), directory, controlGroup(directory)]);
  }
}

/** Whether a lab was up in this directory and is dead, its supervisor too, so that nobody cleans up any more. */
export function isDead(directory: string): boolean {
  const found = readHolder(directory);
  return found !== undefined && !isAlive(found.holder) && !isAlive(found.supervisor);
}

/** Control groups belong to the whole machine, so their name tells the labs apart. */
export function controlGroup(directory: string): string {
  return `fakevpc-${createHash("sha256").update(directory).digest("hex").slice(0, 10)}`;
}

/** A socket inside the lab's network, handed to a proxy on this machine's network when the first server connects. */
function startProxy(directory: string, { holder, supervisor }: Holder): void {
  const log = openSync(path.join(directory, "proxy.log"), "a");
  const inLab = ["nsenter", "-t", String(holder.pid), "-n", "-p", "--"];
  const socket = ["systemd-socket-activate", "-l", proxyAddress];
  const onMachine = ["nsenter", `--net=/proc/${supervisor.pid}/ns/net`, "--"];
  const program = packageFile("dist/lab/servers/proxy.js");
  const proxy = [process.execPath, program, cacheDirectory("debs"), cacheDirectory("images")];
  const [first, ...argv] = [...inLab, ...socket, ...onMachine, ...proxy];
  spawn(first!, argv, { cwd: "/", detached: true, stdio: ["ignore", log, log] }).unref();
  closeSync(log);
}

function readHolder(directory: string): Holder | undefined {
  const file = path.join(directory, "holder");
  if (!existsSync(file)) {
    return undefined;
  }
  const [pid, start, supervisorPid, supervisorStart] = readFileSync(file, "utf8").trim().split(/\s+/);
  return {
    holder: { pid: Number(pid), start: start! },
    supervisor: { pid: Number(supervisorPid), start: supervisorStart! },
  };
}

function isAlive({ pid, start }: Identity): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 3 and 22 of proc(5); the second one, the name, may hold anything up to its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] !== "Z" && fields[19] === start;
  } catch {
    return false;
  }
}
