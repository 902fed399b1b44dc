import * as pulumi from "@pulumi/pulumi";
import { identitiesIn, printedAt, shared, warningsIn } from "./stepOutput";

/**
 * Tells, at the end of an up, what its steps saw on the servers and left alone. A Command that does not run has what it printed
 * in an earlier up, which told it, and which may have been mended since: such a step ran before this program began, by the
 * server's clock.
 */
export class Seen {
  private readonly begun = Math.floor(Date.now() / 1000);
  /** By digest, the server that showed it last, and whether it ran in this up. */
  private readonly holders = new Map<string, { server: string; ran: boolean }>();

  constructor(private readonly mesh: pulumi.Resource) {}

  /** What a step of a server has printed, in this up or an earlier one. */
  read(server: string, stdout: string): void {
    const ran = printedAt(stdout) >= this.begun;
    if (ran) for (const words of warningsIn(stdout)) this.tell(words);
    for (const digest of identitiesIn(stdout)) {
      const other = this.holders.get(digest);
      this.holders.set(digest, { server, ran });
      if (other && (ran || other.ran)) this.tell(shared(digest, [other.server, server]));
    }
  }

  private tell(words: string): void {
    pulumi.log.warn(words, this.mesh);
  }
}
