import { setTimeout as sleep } from "node:timers/promises";
import type { OperationOptions } from "../../lab/engine/stack";
import { endSession, type Result } from "../../lab/process";
import type { TestMesh } from "./support";

/** An up that may fail, and how it is sent a signal or ended with all that it has started. */
export function startUp(
  mesh: TestMesh,
  options: OperationOptions = {},
): { ended: Promise<Result>; end: (signal?: NodeJS.Signals) => void } {
  let pid = 0;
  const ended = mesh.up({
    ...options,
    allowFailure: true,
    onStart: (started) => {
      pid = started;
    },
  });
  ended.catch(() => {}); // for those who await it later
  const end = (signal?: NodeJS.Signals) => {
    // Session 0 would be everybody's.
    if (pid === 0) return;
    if (signal === undefined) endSession(pid);
    else process.kill(pid, signal);
  };
  return { ended, end };
}

/**
 * Starts an up, ends it by a signal after so many milliseconds, and waits until nothing of it is left on this machine.
 * `patience` is for how many milliseconds it may go on after Ctrl-C.
 */
export async function cutShort(
  mesh: TestMesh,
  signal: NodeJS.Signals,
  moment: number,
  patience: number,
): Promise<void> {
  const { ended, end } = startUp(mesh);
  try {
    await Promise.race([ended, sleep(moment)]);
    end(signal);
    if (signal === "SIGINT") await Promise.race([ended, sleep(patience)]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was done already
  } finally {
    // A killed engine leaves its language host and its plugins behind.
    end();
  }
  await ended;
}
