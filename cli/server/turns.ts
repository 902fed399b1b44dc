import { borneConnections } from "../../mesh/login";

/** Milliseconds for which a firewall counts a connection. */
const span = 30_000;

/** Spreads connections to an address over time. A bastion is one address for all the servers behind it. */
export class Turns {
  private readonly begun = new Map<string, number[]>();

  /** Milliseconds until one more connection to this address may begin, which then counts. */
  take(address: string, now = Date.now()): number {
    const times = this.begun.get(address) ?? [];
    const begins = Math.max(now, (times.at(-borneConnections) ?? -Infinity) + span);
    this.begun.set(address, [...times, begins].slice(-borneConnections));
    return begins - now;
  }
}
