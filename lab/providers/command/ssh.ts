import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { finish } from "./children";
import type { End } from "./command";
import { dialFailure, isConnected, proxyFailure } from "./failure";
import type { Login } from "./login";
import type { Output } from "./output";

/** What a connection through a proxy can fail at; without one there is only the target. */
export type Step = "proxy" | "fromProxy" | "target";

export type Attempt = { connected: true; end: End } | { connected: false; step: Step; reason: string };

/** Runs the command by one ssh of its own. Its log tells a failed connection from a failed command. */
export async function attempt(login: Login, command: string, stdin: unknown, output: Output): Promise<Attempt> {
  rmSync(login.logFile, { force: true });
  rmSync(login.proxyLogFile, { force: true });
  // The second "--" keeps a command that begins with a hyphen from being an option of ssh.
  const args = ["-F", login.configFile, "-E", login.logFile, "target", "--", command];
  const child = spawn("ssh", args, { env: login.environment, stdio: "pipe" });
  const limit = limitDial(child, login);
  const { code } = await finish(child, stdin, output).finally(() => clearInterval(limit));
  const log = read(login.logFile);
  if (log.includes("debug1: Authentication succeeded") || /^Authenticated to /m.test(log)) {
    return { connected: true, end: endOf(log, code) };
  }
  const proxyLog = read(login.proxyLogFile);
  if (login.hasProxy && !/^Authenticated to /m.test(proxyLog)) {
    return { connected: false, step: "proxy", reason: dialFailure(proxyLog, login.connection.proxy) };
  }
  const rejected = proxyFailure(proxyLog);
  if (rejected) return { connected: false, step: "fromProxy", reason: rejected };
  return { connected: false, step: "target", reason: dialFailure(log, login.connection.target) };
}

/**
 * Ends an ssh whose first connection nobody takes in time. A server that takes it and says nothing has no limit, nor has
 * the connection that a proxy opens: ssh's own ConnectTimeout, which counts both, would be kinder than the official provider.
 */
function limitDial(child: ChildProcess, login: Login): NodeJS.Timeout | undefined {
  const { perDialTimeout } = login.connection.proxy;
  if (perDialTimeout <= 0) return undefined;
  const deadline = Date.now() + perDialTimeout * 1000;
  const file = login.hasProxy ? login.proxyLogFile : login.logFile;
  const look = setInterval(() => {
    if (isConnected(read(file))) clearInterval(look);
    else if (Date.now() > deadline) child.kill("SIGKILL");
  }, 100);
  return look;
}

function endOf(log: string, code: number | null): End {
  if (/rtype exit-status /.test(log)) return code === 0 ? undefined : `Process exited with status ${code}`;
  if (/rtype exit-signal /.test(log)) return "Process exited with status 128 from a signal";
  return "wait: remote command exited without exit status or exit signal";
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").replaceAll("\r", "") : "";
}
