import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { unchanged } from "./crowd";
import { willBeKnown } from "./everKnown";
import { ofProgram } from "./ofProgram";
import { Pace, type Place } from "./pace";

type Connection = pulumi.Unwrap<types.input.remote.ConnectionArgs>;

/** Milliseconds for which firewalls that count connections remember one, and in which a Command begins it on a busy machine. */
const remembered = 31_000;
const beginning = 10_000;

/** sshd drops some of the connections that are about to log in where they are ten (MaxStartups), so fewer begin at a bastion. */
const startups = { places: 8, milliseconds: 2000, afterwards: 0, apart: 250 };

/** What lets connections to one address wait. */
interface Arrivals {
  counted: Pace;
  startups: Pace;
}

const arrivals = ofProgram(() => new Map<string, Arrivals>());

interface Ways {
  /** How many connections an address may get within half a minute. */
  limit: number;
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
  if (pulumi.runtime.isDryRun()) return { connection, end: () => {} };
  const all = arrivals();
  const places: Place[] = [];
  let begun = Number.POSITIVE_INFINITY;
  const paced = connection.apply(async (how) => {
    // Where it never will be, the Command will not run.
    if (await willBeKnown(ready).catch(() => false)) {
      const at = arrivalsAt(all, (how.proxy ?? how).host, limit);
      places.push(await at.counted.take());
      if (behind) places.push(await at.startups.take());
    }
    begun = performance.now();
    return how;
  });
  const end = () => {
    const connected = performance.now() - begun >= unchanged;
    for (const place of places) place.end(connected);
  };
  return { connection: paced, end };
}

function arrivalsAt(all: Map<string, Arrivals>, address: string, limit: number): Arrivals {
  const existing = all.get(address);
  if (existing) return existing;
  const rules = { places: limit, milliseconds: beginning + remembered, afterwards: remembered, apart: unchanged };
  let isTold = false;
  const onWait = () => {
    if (!isTold) pulumi.log.info(waitSentence(address, limit));
    isTold = true;
  };
  const arriving = { counted: new Pace(rules, onWait), startups: new Pace(startups) };
  all.set(address, arriving);
  return arriving;
}

function waitSentence(address: string, limit: number): string {
  return (
    `${address}: some firewalls refuse an address that connects six times within half a minute (\`ufw limit\`), so ` +
    `this up connects there ${limit} times in that time. Where nothing counts, ssh.connectionLimit: 1000 makes it quicker`
  );
}
