import { withPort } from "../../mesh/addresses";
import { endpointOf, type Server, wayFromTo } from "../../mesh/mesh";
import type { Direction } from "./directions";
import { type Finding, listed, span } from "./finding";

/** Seconds after which a session without a new handshake is over. */
const sessionEnd = 180;

/**
 * What is wrong between two servers that both answered, by what each sees of the other. "causeOf" tells what is wrong with an
 * interface, which a link needs before anything else.
 */
export function linkFindings(
  listener: Server,
  dialler: Server,
  ends: [atListener: Direction, atDialler: Direction],
  causeOf: (server: string, interfaceName: string) => string | undefined = () => undefined,
): Finding[] {
  const servers = [listener.name, dialler.name];
  const sides = ends.map(sideOf).join(", ");
  const remedies = remediesFor(listener, dialler);
  const measured = ends.filter(({ ping }) => ping !== undefined);
  const stale = ends.every(({ handshakeAge }) => (handshakeAge ?? Infinity) > sessionEnd);

  if (measured.some(({ ping }) => ping!.received === 0) || (measured.length === 0 && stale)) {
    const message = `${stale ? "no handshake" : "link down"}: ${sides}`;
    const own = ends
      .map(({ from, interface: name }) => ({ from, cause: causeOf(from, name) }))
      .filter(({ cause }) => cause !== undefined);
    if (own.length > 0) {
      const first = own.map(({ from, cause }) => `mend ${from} first: ${cause}`).join("; ");
      return [{ kind: "link", servers, message, remedy: first }];
    }
    return [{ kind: "link", servers, message, remedy: remedies.down }];
  }
  const findings: Finding[] = [];
  if (measured.some(({ ping }) => ping!.received < ping!.sent)) {
    findings.push({ kind: "loss", servers, message: `packets are lost: ${sides}`, remedy: remedies.loss });
  }
  const cut = measured.filter(({ fullSize, ping }) => fullSize === false && ping!.received > 0);
  if (cut.length > 0) {
    const from = cut.map((direction) => `from ${direction.from}`).join(" and ");
    findings.push({
      kind: "mtu",
      servers,
      message: `packets of full size are lost ${from}, small ones are not`,
      remedy: 'set a lower "mtu" in the stack\'s config, by 20 at a time down to 1280, and run "pulumi up"',
    });
  }
  return findings;
}

/** Two private servers in different places meet through others, whose links are to be looked at. */
function remediesFor(listener: Server, dialler: Server): { down: string; loss: string } {
  const way = wayFromTo(dialler, listener);
  if (way === undefined) {
    const look = `look at the links of ${dialler.name} and ${listener.name} with ${listed(listener.relays)}, through which they meet`;
    return { down: look, loss: look };
  }
  const { host, port } = endpointOf(listener, way);
  const endpoint = withPort(host!, port!);
  return {
    down: `let UDP from ${dialler.name} reach ${endpoint} of ${listener.name}: look at firewalls, routes and that address`,
    loss: `see by "mtr ${host}" on ${dialler.name} where they are lost`,
  };
}

function sideOf({ from, ping, handshakeAge }: Direction): string {
  const handshake = handshakeAge === undefined ? "never a handshake" : `last handshake ${span(handshakeAge)} ago`;
  if (!ping) return `${from} has no ping (${handshake})`;
  const { sent, received } = ping;
  const answers = received === 0 ? "no answer" : received < sent ? `${received} of ${sent} answers` : "every answer";
  return `${from} gets ${answers} (${handshake})`;
}
