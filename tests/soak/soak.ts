import { TestMesh } from "../lab/support";
import { changes, faults } from "./changes";
import { Dice } from "./dice";
import { hold, silentPairs, statusSays } from "./holds";
import { interruptions } from "./interruptions";
import { World } from "./world";

export interface SoakOptions {
  seed: number;
  /** Whether another row is begun. */
  goesOn(rows: number): boolean;
  tell(line: string): void;
}

/** What a soak did. */
export interface Figures {
  rows: number;
  changes: number;
  faults: number;
  interruptions: number;
  /** Questions from one member to another, all answered. */
  pairs: number;
  /** Tries to get in from outside, none answered. */
  knocks: number;
}

/**
 * A mesh of lab servers, and rows of what happens to one: each changes the config, may damage a server and may cut an up
 * short, and then holds after one whole up that the mesh is as its config says. Throws at the first row that does not.
 */
export async function soak({ seed, goesOn, tell }: SoakOptions): Promise<Figures> {
  const figures: Figures = { rows: 0, changes: 0, faults: 0, interruptions: 0, pairs: 0, knocks: 0 };
  const dice = new Dice(seed);
  const mesh = await TestMesh.start(serversBy(dice));
  try {
    const world = new World(mesh, dice);
    while (goesOn(figures.rows)) {
      const happened: string[] = figures.rows === 0 ? ["the mesh is new"] : [];
      try {
        if (figures.rows > 0) await happen(world, figures, happened);
        await mesh.up();
        const { pairs, knocks } = await hold(world);
        world.damaged = undefined;
        figures.pairs += pairs;
        figures.knocks += knocks;
      } catch (error) {
        throw new Error(`row ${figures.rows} of seed ${seed} (${happened.join("; ")}): ${lastWords(error as Error)}`);
      }
      tell(`row ${figures.rows}: ${happened.join("; ")}`);
      figures.rows += 1;
    }
  } finally {
    await mesh.end();
  }
  return figures;
}

/** Four or five servers, of two systems, perhaps one behind NAT; the last one begins outside of the mesh. */
function serversBy(dice: Dice) {
  const names = Array.from({ length: 4 + dice.below(2) }, (_, at) => `server${at + 1}`);
  const behindNat = dice.chance(0.5) ? "server2" : undefined;
  return names.map((name) => ({
    name,
    packages: true,
    suite: dice.pick(["bookworm", "trixie"] as const),
    nat: name === behindNat,
  }));
}

/** Draws what happens in a row, and lets it happen; what it was goes into `happened` beforehand, for a row that fails. */
async function happen(world: World, figures: Figures, happened: string[]): Promise<void> {
  const { dice } = world;
  if (dice.chance(0.5)) {
    figures.faults += 1;
    await fault(world, happened);
  }
  for (let count = 1 + dice.below(3); count > 0; count--) {
    let name: string;
    do name = dice.pick(Object.keys(changes));
    while (!changes[name]!(world));
    figures.changes += 1;
    happened.push(name);
  }
  if (dice.chance(0.4)) {
    figures.interruptions += 1;
    const name = dice.pick(Object.keys(interruptions));
    const moment = 500 + dice.below(8000);
    happened.push(`${name} after ${moment} ms of an up`);
    await interruptions[name]!(world, moment);
  }
}

async function fault(world: World, happened: string[]): Promise<void> {
  const member = world.dice.pick(world.members);
  if (world.dice.chance(0.2)) {
    happened.push(`${member.name} was off, and status said so`);
    await member.server.off({ hard: true });
    await statusSays(world, [member.name]);
    if ((await silentPairs(world)).length === 0) throw new Error(`${member.name} answers though it is off`);
    await member.server.on();
    return;
  }
  const name = world.dice.pick(Object.keys(faults));
  const damage = faults[name]!;
  happened.push(`${name} on ${member.name}`);
  if (typeof damage === "string") await member.server.exec(["sh", "-c", damage]);
  else await damage(member, world);
  world.lookAgain(member);
}

/** The end of an error, which may have all that an up printed in it. */
function lastWords({ message }: Error): string {
  return message.split("\n").slice(-60).join("\n");
}

/** The last line: what was tried, how often, and what was lost. */
export function lastLine(seed: number, minutes: number, figures: Figures): string {
  const { rows, pairs, knocks } = figures;
  const events = `${figures.changes} changes, ${figures.faults} faults, ${figures.interruptions} interruptions`;
  return `soak: seed ${seed}, ${rows} rows in ${minutes.toFixed(0)} minutes: ${events}; ${pairs} pairs asked, 0 silent; ${knocks} knocks from outside, 0 let in`;
}
