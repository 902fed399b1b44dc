import { setTimeout as sleep } from "node:timers/promises";
import { cutShort, startUp } from "../lab/cutShort";
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
  await cutShort(mesh, signal, moment, patience);
  await release(mesh);
}

async function meanwhile(world: World, moment: number, happens: (member: Member) => Promise<void>): Promise<void> {
  const member = world.dice.pick(world.members);
  const { ended, end } = startUp(world.mesh);
  await sleep(moment);
  await happens(member);
  await Promise.race([ended, sleep(patience)]);
  end(); // the provider has no deadline of its own
  await ended;
  await release(world.mesh);
}

/** The lock of an up that was killed; there is none where it ended by itself. */
async function release(mesh: World["mesh"]): Promise<void> {
  await mesh.stack.cancel().catch(() => {});
}
