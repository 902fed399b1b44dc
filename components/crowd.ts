import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { willBeKnown } from "./everKnown";
import { ofProgram } from "./ofProgram";

/** How many connections are too many for `ufw limit`, and the milliseconds within which they are worth a sentence; it counts for half as long. */
const tooMany = 6;
const remembered = 60_000;

/** Milliseconds in which a Command that is alone cannot have run: Pulumi found it unchanged, and nothing has connected. */
export const unchanged = 150;

/** The connections that one program began, and the addresses of which it has told. */
class Crowds {
  private readonly begun = new Map<string, Set<number>>();
  private readonly told = new Set<string>();
  private isListening = false;

  /** Writes down that a connection begins; what it yields strikes it again. */
  begin(address: string): () => void {
    const times = this.begun.get(address) ?? new Set();
    const now = performance.now();
    this.begun.set(address, times.add(now));
    if (times.size >= tooMany) this.listen();
    return () => times.delete(now);
  }

  /** What there is to say of an address, once. */
  sentenceOf(address: string): string | undefined {
    const times = [...this.begun.get(address)!];
    const count = times.filter((time) => time > Math.max(...times) - remembered).length;
    if (count < tooMany || this.told.has(address)) return undefined;
    this.told.add(address);
    return crowdSentence(address, count);
  }

  /** Where a Command fails, Pulumi interrupts this program, and then takes nothing from it but its standard error. */
  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    process.once("SIGINT", () => {
      for (const address of this.begun.keys()) {
        const sentence = this.sentenceOf(address);
        if (sentence) console.error(sentence);
      }
      process.kill(process.pid, "SIGINT"); // which ends this program, as nobody listens any more
    });
  }
}

const crowds = ofProgram(() => new Crowds());

/**
 * Says that an address may count connections where a Command fails after many of them: the provider says "refused". An
 * address that gets fewer has nothing to count.
 */
export function tellOfCrowd(address: string, limit: number, command: remote.Command, component: pulumi.Resource): void {
  if (limit < tooMany) return;
  const all = crowds();
  const began = performance.now();
  const strike = all.begin(address);
  willBeKnown(command.stdout).then((succeeded) => {
    if (performance.now() - began < unchanged) strike();
    const sentence = succeeded ? undefined : all.sentenceOf(address);
    if (sentence) pulumi.log.warn(sentence, component);
  });
}

function crowdSentence(address: string, count: number): string {
  return (
    `${address}: ${count} connections began there within a minute, and a step failed: if its error says that this address ` +
    "refused or was silent, a firewall there may count connections (`ufw limit`). Let this machine in before that rule " +
    "(there: `ufw insert 1 allow from ADDRESS to any port 22 proto tcp`) or set ssh.connectionLimit to 4, wait half a minute, and run again"
  );
}
