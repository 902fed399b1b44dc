import { setTimeout as sleep } from "node:timers/promises";
import { endSession } from "../../lab/process";
import type { Member, World } from "./world";

/** Ways to cut an up short at a moment, in milliseconds from its start. */
export const interruptions: Record<string, (world: World, moment: number) => Promise<void>> = {
  "the engine was killed": (world, moment) => endedBy("SIGKILL", world, moment),
  "somebody pressed Ctrl-C": (world, moment) => endedBy("SIGINT", world, moment),
  "a server lost its power": (world, moment) => meanwhile(world, moment, ({ server }) => server.reboot({ hard: true })),
  "a server lost its network": (world, moment) =>
    meanwhile(world, moment, async ({ server }) => {
      await server.unplug();
      await sleep(3000);
      await server.plug();
    }),
};

/** How long an up may go on after Ctrl-C, or after a server went away. */
const patience = 90_000;

async function endedBy(signal: NodeJS.Signals, { mesh }: World, moment: number): Promise<void> {
  let pid = 0;
  const ended = mesh.up({
    allowFailure: true,
    onStart: (started) => {
      pid = started;
    },
  });
  ended.catch(() => {}); // awaited below
  try {
    await Promise.race([ended, sleep(moment)]);
    if (pid !== 0) process.kill(pid, signal);
    if (signal === "SIGINT") await Promise.race([ended, sleep(patience)]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was done already
  } finally {
    if (pid !== 0) endSession(pid);
  }
  await ended;
  await release(mesh);
}

async function meanwhile(world: World, moment: number, happens: (member: Member) => Promise<void>): Promise<void> {
  const member = world.dice.pick(world.members);
  let pid = 0;
  const ended = world.mesh.up({
    allowFailure: true,
    onStart: (started) => {
      pid = started;
    },
  });
  ended.catch(() => {}); // awaited below
  await sleep(moment);
  await happens(member);
  await Promise.race([ended, sleep(patience)]);
  endSession(pid); // the provider has no deadline of its own
  await ended;
  await release(world.mesh);
}

/** The lock of an up that was killed; there is none where it ended by itself. */
async function release(mesh: World["mesh"]): Promise<void> {
  await mesh.stack.cancel().catch(() => {});
}
