import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../protocol/resource";
import { Command, type End, type Run } from "./command";
import type { Connection } from "./connection";
import { Login } from "./login";
import type { Output } from "./output";
import { type Attempt, attempt, type Step } from "./ssh";

const run: Run = async (command, inputs, environment, output, context) => {
  // Servers accept no such variables by default, and the official provider says so at each run.
  for (const name of Object.keys(environment)) context.log.warning(refusedVariable(name));
  const login = await Login.create(inputs.connection as unknown as Connection);
  try {
    return await dial(login, command, inputs.stdin, output, context);
  } finally {
    await context.log.flushed();
    login.remove();
  }
};

/** Tries to connect until it works or the limit of errors is reached. A command that has begun is never run again. */
async function dial(login: Login, command: string, stdin: unknown, output: Output, context: Context): Promise<End> {
  let pause = 100;
  let dead = false;
  for (let failures = 0; ; failures++) {
    const result: Attempt = dead ? deadConnection : await attempt(login, command, stdin, output);
    if (result.connected) return result.end;
    // Behind a proxy a failed handshake leaves a dead connection, and that is what is tried again.
    dead ||= login.hasProxy && result.step === "target";
    const limit = login.connection[result.step === "proxy" ? "proxy" : "target"].dialErrorLimit;
    const { dial, prefix } = words[result.step];
    if (limit > -1 && failures >= limit)
      throw new Error(`${prefix}after ${failures} failed attempts: ${result.reason}`);
    context.log.status(`${dial} ${failures + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
    await delay(pause, undefined, { signal: context.cancelled }).catch(() => {
      throw new Error("context canceled");
    });
    pause = Math.min(pause * 1.5, 5000);
  }
}

const deadConnection: Attempt = { connected: false, step: "target", reason: "ssh: handshake failed: EOF" };

const words: Record<Step, { dial: string; prefix: string }> = {
  proxy: { dial: "Dial proxy", prefix: "proxy: " },
  fromProxy: { dial: "Dial from proxy", prefix: "proxy: " },
  target: { dial: "Dial", prefix: "" },
};

function refusedVariable(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via AcceptEnv.` +
    " The stand-in provider never sends them: set addPreviousOutputInEnv to false."
  );
}

export const remoteCommand = new Command({}, true, run);
