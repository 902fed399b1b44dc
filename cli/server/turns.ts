/** Begun connections to one address that a firewall bears: "ufw limit" turns away the sixth within 30 seconds. */
const most = 4;
const span = 30_000;

/** Spreads connections to an address over time. A bastion is one address for all the servers behind it. */
export class Turns {
  private readonly begun = new Map<string, number[]>();

  /** Milliseconds until one more connection to this address may begin, which then counts. */
  take(address: string, now = Date.now()): number {
    const times = this.begun.get(address) ?? [];
    const begins = Math.max(now, (times.at(-most) ?? -Infinity) + span);
    this.begun.set(address, [...times, begins].slice(-most));
    return begins - now;
  }
}
