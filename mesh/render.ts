import { withPort } from "./addresses";
import type { Interface, Peer, ServerPlan } from "./plan";
import type { Relay } from "./relay";

/** The plan of one server as texts: they are the inputs of its component, and parts of what the server is given. */
export interface PlanTexts {
  /** By interface: the line of itself, and one for each of its peers. */
  interfaces: Record<string, string>;
  hosts: string;
  services: string;
  settings: string;
  relays: string;
}

/** A value that is not known yet, or is secret, stands in the texts as a placeholder: `{server2 endpoint}`. */
export function renderTexts(plan: ServerPlan): PlanTexts {
  return {
    interfaces: Object.fromEntries(plan.interfaces.map((each) => [each.name, renderInterface(each, plan)])),
    hosts: renderHosts(plan),
    services: lines(plan.services.map(({ name, port, forward }) => `${name} ${port} ${forward}`)),
    settings: renderSettings(plan),
    relays: lines(plan.relays.map(renderRelay)),
  };
}

/** Standard input of a server's `mesh`: its texts, and all that they lack. */
export function renderStdin(meshId: string, keys: string, values: string, texts: PlanTexts): string {
  const { interfaces, hosts, services, settings, relays } = texts;
  const sections = {
    mesh: `${meshId}\n`,
    keys,
    values,
    settings,
    interfaces: Object.values(interfaces).join(""),
    hosts,
    services,
    relays,
    end: "",
  };
  return Object.entries(sections)
    .map(([name, text]) => `### ${name}\n${text}`)
    .join("");
}

/** The values of the placeholders of `plan`, a line each, by a plan of the same server in which they are known. */
export function renderValues(plan: ServerPlan, known: ServerPlan): string {
  const texts = plan.interfaces.flatMap((each, at) => {
    const resolved = known.interfaces[at]!;
    const port = each.listens && each.listenPort === undefined ? [`${plan.name} port=${resolved.listenPort}`] : [];
    const endpoints = each.peers.flatMap((peer, of) =>
      isPlaceholder(peer) ? [`${peer.name} endpoint=${endpointOf(resolved.peers[of]!)}`] : [],
    );
    return [...port, ...endpoints];
  });
  const targets = plan.relays.flatMap(({ to, target }, at) =>
    target.port === undefined ? [`${to} relayed=${known.relays[at]!.target.port}`] : [],
  );
  return lines([...texts, ...targets]);
}

/** The keys that a server is given, a line each. */
export function renderKeys(
  privateKey: string,
  peers: { name: string; publicKey: string; presharedKey: string }[],
): string {
  const ofPeers = peers.flatMap(({ name, publicKey, presharedKey }) => [
    `public key of ${name}=${publicKey}`,
    `preshared key of ${name}=${presharedKey}`,
  ]);
  return lines([`private key=${privateKey}`, ...ofPeers]);
}

/** A line for each address, and after it what a server may have at another one, once that answers. */
function renderHosts({ hosts, stable }: ServerPlan): string {
  const all = hosts.map(({ address, names, stable: one }) => [address, ...names, ...(one ? [`stable=${one}`] : [])]);
  return lines([...all, ...(stable?.names6 ?? [])].map((words) => words.join(" ")));
}

function renderSettings({ openFirewall, stable, lans }: ServerPlan): string {
  return lines([
    ...(openFirewall ? ["open-firewall"] : []),
    ...(stable?.addresses ?? []).map((address) => `address ${address}`),
    ...(stable?.ranges ?? []).map((range) => `range ${range}`),
    ...lans.map(({ network, masquerade }) => `lan ${network} ${masquerade ? "masquerade" : "plain"}`),
  ]);
}

function renderRelay({ to, port, address, range, target }: Relay): string {
  return `${to} ${port} ${address} ${range} ${target.host}:${target.port ?? `{${to} relayed}`}`;
}

function renderInterface({ name, address, listens, listenPort, mtu, peers }: Interface, plan: ServerPlan): string {
  const words = [`interface ${name} ${address}`];
  if (listens) words.push(`port ${listenPort ?? `{${plan.name} port}`}`);
  if (mtu !== undefined) words.push(`mtu ${mtu}`);
  return lines([words.join(" "), ...peers.map(renderPeer)]);
}

function renderPeer(peer: Peer): string {
  const { name, allowedIps, endpoint, keepalive } = peer;
  const words = [`peer ${name} ${[allowedIps, ...peer.also].join(",")}`];
  if (endpoint) words.push(`endpoint ${isPlaceholder(peer) ? `{${name} endpoint}` : endpointOf(peer)}`);
  if (keepalive !== undefined) words.push(`keepalive ${keepalive}`);
  if (peer.mtu !== undefined) words.push(`mtu ${peer.mtu}`);
  if (peer.relays) words.push(`relays ${peer.relays.join(",")}`);
  return words.join(" ");
}

/** Whether a peer is dialled, and nobody knows yet where. */
function isPlaceholder({ endpoint }: Peer): boolean {
  return endpoint !== undefined && (endpoint.host === undefined || endpoint.port === undefined);
}

function endpointOf({ endpoint }: Peer): string {
  return withPort(endpoint!.host!, endpoint!.port!);
}

function lines(all: string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
