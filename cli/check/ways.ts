import type { Mesh } from "../../mesh/mesh";
import { type Finding, listed } from "../findings/finding";
import type { Survey } from "./survey";
import type { TriedPair } from "./tryPairs";

/** How a pair is, in the words that people are shown. */
export type PairState = "reaches" | "opens" | "blocked" | "unknown";

/** Whether the servers' own firewalls are told of the mesh by the up: those that fakevpc knows how to tell. */
const opened = ["ufw", "firewalld"];

export function stateOf({ outcome, listener }: TriedPair, mesh: Mesh, surveys: Map<string, Survey>): PairState {
  if (outcome === "not asked") return "unknown";
  if (outcome === "answered") return "reaches";
  const own = surveys.get(listener)!.firewalls;
  return outcome === "card" && mesh.openFirewall && own.some((each) => opened.includes(each)) ? "opens" : "blocked";
}

/** What keeps servers from each other, told once for each cause. */
export function wayFindings(pairs: TriedPair[], mesh: Mesh, surveys: Map<string, Survey>): Finding[] {
  const blocked = pairs.filter((pair) => stateOf(pair, mesh, surveys) === "blocked");
  const of = (outcome: TriedPair["outcome"]) => blocked.filter((pair) => pair.outcome === outcome);
  const byListener = [...new Set(of("card").map(({ listener }) => listener))];
  const asked = pairs.filter((pair) => pair.outcome === "not asked" && bothAnswer(pair, surveys));
  return [
    ...byListener.map((name) =>
      ownFirewall(
        of("card").filter(({ listener }) => listener === name),
        surveys.get(name)!,
      ),
    ),
    ...providers(of("nowhere"), pairs),
    ...of("port").map(wayBack),
    ...asked.map(({ dialler, listener, why }): Finding => {
      const remedy = "mend what it says, and check again";
      return { kind: "link", servers: [dialler, listener], message: `their way could not be tried: ${why}`, remedy };
    }),
  ];
}

function bothAnswer({ dialler, listener }: TriedPair, surveys: Map<string, Survey>): boolean {
  return surveys.has(dialler) && surveys.has(listener);
}

/** The packets are at the card, and not at the port: only the server itself stands between. */
function ownFirewall(pairs: TriedPair[], { firewalls }: Survey): Finding {
  const [{ listener, port }] = pairs as [TriedPair];
  const name = firewalls.find((each) => opened.includes(each)) ?? firewalls[0];
  const commands: Record<string, string> = {
    ufw: `set "openFirewall: true", or run "ufw allow ${port}/udp" there`,
    firewalld: `set "openFirewall: true", or run "firewall-cmd --permanent --add-port=${port}/udp" and "firewall-cmd --reload" there`,
  };
  return {
    kind: "link",
    servers: [listener],
    message: `blocked: its own ${name ?? "firewall rules (nftables, iptables)"} ${name ? "keeps" : "keep"} out what ${listed(pairs.map(({ dialler }) => dialler))} ${pairs.length === 1 ? "sends" : "send"} to UDP port ${port}`,
    remedy: commands[name ?? ""] ?? `let UDP port ${port} in there`,
  };
}

/** Nothing arrived at the card. Who else got through tells whose firewall it is. */
function providers(blocked: TriedPair[], pairs: TriedPair[]): Finding[] {
  const reaches = (pair: TriedPair) => ["answered", "card", "port"].includes(pair.outcome);
  const mute = [...new Set(blocked.map(({ dialler }) => dialler))].filter((name) => {
    const own = pairs.filter(({ dialler }) => dialler === name);
    const others = pairs.filter(({ dialler }) => dialler !== name);
    return (
      own.length > 1 &&
      !own.some(reaches) &&
      own.every(({ listener }) => others.some((pair) => pair.listener === listener && reaches(pair)))
    );
  });
  const rest = blocked.filter(({ dialler }) => !mute.includes(dialler));
  const listeners = [...new Set(rest.map(({ listener }) => listener))];
  return [
    ...mute.map((name): Finding => {
      const message = "blocked: nothing that it sends by UDP arrives anywhere";
      return {
        kind: "link",
        servers: [name],
        message,
        remedy: "let UDP out in the firewall of its provider, or its own",
      };
    }),
    ...listeners.map((name): Finding => {
      const silent = rest.filter(({ listener }) => listener === name);
      const [{ host, port, address }] = silent as [TriedPair];
      const alone = !pairs.some((pair) => pair.listener === name && reaches(pair));
      const diallers = listed(silent.map(({ dialler }) => dialler));
      return {
        kind: "link",
        servers: [name, ...(silent.length === 1 ? [silent[0]!.dialler] : [])],
        message: `blocked: of what ${diallers} ${silent.length === 1 ? "sends" : "send"} to UDP port ${port} of ${address ?? host} nothing arrives at the card of ${name}`,
        remedy: alone
          ? `let UDP port ${port} in, in the firewall of its provider or the router before it; or is ${host} not its public address?`
          : `others get through to it, so look at the firewalls between these servers: let UDP port ${port} in from ${diallers}`,
      };
    }),
  ];
}

function wayBack({ dialler, listener, port }: TriedPair): Finding {
  return {
    kind: "link",
    servers: [dialler, listener],
    message: `blocked: ${listener} hears ${dialler} on UDP port ${port}, but its answer does not come back`,
    remedy: `let UDP answers in to ${dialler} and out of ${listener}: look at firewalls and routes of both`,
  };
}
