import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../protocol/resource";
import { Command, type End, type Run } from "./command";
import type { Connection } from "./connection";
import { Login } from "./login";
import type { Output } from "./output";
import { attempt } from "./ssh";

const run: Run = async (command, inputs, environment, output, context) => {
  // Servers accept no such variables by default, and the official provider says so at each run.
  for (const name of Object.keys(environment)) context.log.warning(refusedVariable(name));
  const login = Login.create(inputs.connection as unknown as Connection);
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
  for (let failures = 0; ; failures++) {
    const result = await attempt(login, command, stdin, output);
    if (result.connected) return result.end;
    const limit = login.connection[result.hop].dialErrorLimit;
    if (limit > -1 && failures >= limit) throw new Error(failed(result.hop, failures, result.reason));
    const shownLimit = limit === -1 ? "inf" : limit;
    context.log.status(
      `${result.hop === "proxy" ? "Dial proxy" : "Dial"} ${failures + 1}/${shownLimit} failed: retrying`,
    );
    await delay(pause, undefined, { signal: context.cancelled }).catch(() => {
      throw new Error("context canceled");
    });
    pause = Math.min(pause * 1.5, 5000);
  }
}

function failed(hop: "target" | "proxy", failures: number, reason: string): string {
  return `${hop === "proxy" ? "proxy: " : ""}after ${failures} failed attempts: ${reason}`;
}

function refusedVariable(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via AcceptEnv.` +
    " The stand-in provider never sends them: set addPreviousOutputInEnv to false."
  );
}

export const remoteCommand = new Command({}, true, run);
