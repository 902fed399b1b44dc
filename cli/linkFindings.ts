import { withPort } from "../mesh/addresses";
import type { Mesh, Server } from "../mesh/mesh";
import type { Direction } from "./directions";
import { type Finding, span } from "./finding";

/** Seconds after which a session without a new handshake is over. */
const sessionEnd = 180;

/** What is wrong between two servers, of which `dialler` has the higher index. Of either end, what it sees may be unknown. */
export function linkFindings(
  mesh: Mesh,
  listener: Server,
  dialler: Server,
  ends: { listener?: Direction; dialler?: Direction },
): Finding[] {
  const servers = [listener.name, dialler.name];
  const seen = [ends.listener, ends.dialler].filter((end) => end !== undefined);
  const measured = seen.filter(({ ping }) => ping !== undefined);
  const stale = seen.length > 0 && seen.every(({ handshakeAge }) => (handshakeAge ?? Infinity) > sessionEnd);
  const endpoint = withPort(listener.endpoint!, listener.wgPort!);

  if (measured.some(({ ping }) => ping!.received === 0) || (measured.length === 0 && stale)) {
    const sides = `${sideOf(listener.name, ends.listener)}, ${sideOf(dialler.name, ends.dialler)}`;
    const way = `UDP from ${dialler.name} must reach ${endpoint} of ${listener.name}: look at the firewalls on that way`;
    const inside = `handshakes pass: look for what drops packets on ${mesh.prefix}s of ${listener.name} or ${mesh.prefix}c${listener.index} of ${dialler.name}, and whether ${endpoint} can still be reached`;
    return [
      {
        kind: "link",
        servers,
        message: `${stale ? "no handshake" : "link down"}: ${sides}`,
        remedy: stale ? way : inside,
      },
    ];
  }
  const findings: Finding[] = [];
  if (measured.some(({ ping }) => ping!.received < ping!.sent)) {
    const sides = `${sideOf(listener.name, ends.listener)}, ${sideOf(dialler.name, ends.dialler)}`;
    const remedy = `run "mtr ${dialler.public ? dialler.endpoint : listener.endpoint}" from the other end to see where packets are lost`;
    findings.push({ kind: "loss", servers, message: `packets are lost: ${sides}`, remedy });
  }
  const cut = measured.filter(({ fullSize, ping }) => fullSize === false && ping!.received > 0);
  if (cut.length > 0) {
    const from = cut.map((direction) => `from ${direction.from}`).join(" and ");
    findings.push({
      kind: "mtu",
      servers,
      message: `packets of full size are lost ${from}, small ones are not`,
      remedy: `lower the MTU of the network card of ${dialler.name} to that of the way to ${endpoint}, then restart wg-quick@${mesh.prefix}c${listener.index}`,
    });
  }
  return findings;
}

function sideOf(name: string, end: Direction | undefined): string {
  if (!end) return `${name} could not be asked`;
  const handshake =
    end.handshakeAge === undefined ? "never a handshake" : `last handshake ${span(end.handshakeAge)} ago`;
  if (!end.ping) return `${name} has no ping (${handshake})`;
  const { sent, received } = end.ping;
  const answers = received === 0 ? "no answer" : received < sent ? `${received} of ${sent} answers` : "every answer";
  return `${name} gets ${answers} (${handshake})`;
}
