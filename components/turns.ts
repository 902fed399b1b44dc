import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { unchanged } from "./crowd";
import { ofProgram } from "./ofProgram";
import { Pace, type Place } from "./pace";

type Connection = pulumi.Unwrap<types.input.remote.ConnectionArgs>;

/** Milliseconds for which firewalls that count connections (`ufw limit`) remember one, and one more second. */
const remembered = 31_000;

/** How many Commands begin at once through one bastion: sshd drops some where ten are about to log in (MaxStartups). */
const atOnce = 8;

/** Milliseconds after which such a Command has logged in there. */
const loggingIn = 2000;

/** The addresses where connections arrive. */
const paces = ofProgram(() => new Map<string, Pace>());

interface Ways {
  /** How many connections an address may get within half a minute. */
  limit: number | undefined;
  /** Whether it is a bastion's. */
  behind: boolean;
}

/** How a Command connects once it is its turn at the address, and what ends the turn. */
export interface Turn {
  connection: pulumi.Output<Connection>;
  end: () => void;
}

/**
 * Makes a Command wait until its address, that of its bastion or else of the server or of the router before it, may get
 * one more connection. This program lets it wait and not `dependsOn`, by which a server that fails would hold up others.
 */
export function inTurn(
  connection: pulumi.Output<Connection>,
  ready: pulumi.Output<unknown>,
  { limit, behind }: Ways,
): Turn {
  if ((limit === undefined && !behind) || pulumi.runtime.isDryRun()) return { connection, end: () => {} };
  const all = paces();
  let place: Place | undefined;
  const paced = connection.apply(async (how) => {
    await settled(ready);
    place = await paceAt(all, (how.proxy ?? how).host, limit).take();
    return how;
  });
  const end = () => {
    if (place && (limit === undefined || performance.now() - place.begun < unchanged)) place.leave();
  };
  return { connection: paced, end };
}

function paceAt(all: Map<string, Pace>, address: string, limit: number | undefined): Pace {
  const anew = () => (limit === undefined ? new Pace(atOnce, loggingIn) : new Pace(limit, remembered, unchanged));
  const pace = all.get(address) ?? anew();
  all.set(address, pace);
  return pace;
}

/** Once an output is known, or will never be: a Command whose connection then stays unknown would end the up for all. */
async function settled(output: pulumi.Output<unknown>): Promise<void> {
  const { promise } = output as unknown as { promise: () => Promise<unknown> }; // not among its types
  await promise().catch(() => {});
}
