import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { unchanged } from "./crowd";
import { willBeKnown } from "./everKnown";
import { ofProgram } from "./ofProgram";
import { Pace, type Place } from "./pace";

type Connection = pulumi.Unwrap<types.input.remote.ConnectionArgs>;

/** Milliseconds for which firewalls that count connections (`ufw limit`) remember one, and one more second. */
const remembered = 31_000;

/** How many Commands may be about to log in to one bastion: sshd drops some of those where it is ten (MaxStartups). */
const atOnce = 8;

/** Milliseconds after which such a Command has logged in there, and those between two of them. */
const loggingIn = 2000;
const apart = 250;

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
    // Where it never will be, the Command will not run.
    if (await willBeKnown(ready).catch(() => false)) place = await paceAt(all, (how.proxy ?? how).host, limit).take();
    return how;
  });
  const end = () => {
    if (place && (limit === undefined || performance.now() - place.begun < unchanged)) place.leave();
  };
  return { connection: paced, end };
}

function paceAt(all: Map<string, Pace>, address: string, limit: number | undefined): Pace {
  const anew = () =>
    limit === undefined ? new Pace(atOnce, loggingIn, apart) : new Pace(limit, remembered, unchanged);
  const pace = all.get(address) ?? anew();
  all.set(address, pace);
  return pace;
}
