import { isIP } from "node:net";
import { withPort } from "./addresses";
import type { Interface, Peer, ServerPlan } from "./plan";

/** Standard input of the step `interfaces`: all that is known of a server's confs, with {…} where a key belongs. */
export function renderInterfaces(plan: ServerPlan): string {
  const confs = plan.interfaces.map((each) => `### ${each.name}.conf\n${renderConf(each, plan.prefix)}`);
  return [
    `### ranges\n${lines(plan.ranges)}`,
    ...confs,
    `### names\n${renderNames(plan)}`,
    `### openings\n${renderOpenings(plan)}`,
    `### guard.nft\n${renderGuard(plan)}`,
  ].join("");
}

function renderConf(self: Interface, prefix: string): string {
  const hook = (name: string) => `sh /var/lib/fakevpc/${prefix}/host.sh ${name} ${prefix} %i || true`;
  const head = [
    `# fakevpc ${prefix}: written by Pulumi, change it there`,
    "[Interface]",
    `Address = ${self.address}`,
    ...(self.listenPort === undefined ? [] : [`ListenPort = ${self.listenPort}`]),
    ...(self.mtu === undefined ? [] : [`MTU = ${self.mtu}`]),
    "PrivateKey = {private key}",
    // A tunnel without what the hooks add to it is better than none.
    `PostUp = ${hook("started")}`,
    `PreDown = ${hook("stopping")}`,
  ];
  return [lines(head), ...self.peers.map((peer) => `\n${renderPeer(peer)}`)].join("");
}

function renderPeer({ name, allowedIps, endpoint, keepalive }: Peer): string {
  return lines([
    "[Peer]",
    `# ${name}`,
    `PublicKey = {public key of ${name}}`,
    `PresharedKey = {preshared key of ${name}}`,
    `AllowedIPs = ${allowedIps}`,
    // wg-quick would wait for a name for ever, with the interface down; names are looked up beside it.
    ...(endpoint && isIP(endpoint.host) ? [`Endpoint = ${withPort(endpoint.host, endpoint.port)}`] : []),
    ...(keepalive ? [`PersistentKeepalive = ${keepalive}`] : []),
  ]);
}

/** What a firewall of the server's own is told to let in: the port where peers dial, and whatever comes by the mesh. */
function renderOpenings({ openFirewall, interfaces }: ServerPlan): string {
  if (!openFirewall) return "";
  const ports = interfaces.flatMap(({ listenPort }) => (listenPort === undefined ? [] : [`port ${listenPort}`]));
  return lines([...ports, ...interfaces.map(({ name }) => `interface ${name}`)]);
}

/** The endpoints that are names, a line each: interface, name, port. */
function renderNames({ interfaces }: ServerPlan): string {
  const dialled = interfaces.flatMap(({ name, peers }) => peers.map(({ endpoint }) => ({ name, endpoint })));
  const named = dialled.filter(({ endpoint }) => endpoint && !isIP(endpoint.host));
  return lines(named.map(({ name, endpoint }) => `${name} ${endpoint!.host} ${endpoint!.port}`));
}

/**
 * Linux answers for any of its addresses on any interface, and sends what has no route of its own by the default one.
 * So: what is for a mesh address comes in by the mesh alone, and leaves by it alone, also while a tunnel is down.
 * The rest of 127/8 stays closed, though forwarding to 127.0.0.1 opens it on these interfaces.
 */
function renderGuard({ interfaces, addresses, destinations }: ServerPlan): string {
  const mesh = interfaces.map(({ name }) => `"${name}"`);
  return lines([
    "chain guard_in {",
    "  type filter hook prerouting priority raw; policy accept;",
    `  iifname != { ${['"lo"', ...mesh].join(", ")} } ip daddr { ${addresses.join(", ")} } drop`,
    `  iifname { ${mesh.join(", ")} } ip daddr 127.0.0.0/8 drop`,
    "}",
    "chain guard_out {",
    "  type filter hook postrouting priority raw; policy accept;",
    `  oifname != { ${['"lo"', ...mesh].join(", ")} } ip daddr { ${destinations.join(", ")} } drop`,
    "}",
  ]);
}

/** Standard input of the step `hosts`. */
export function renderHosts(plan: ServerPlan): string {
  return lines(plan.hosts.map(({ address, names }) => `${address} ${names.join(" ")}`));
}

/** Standard input of the step `services`. */
export function renderServices(plan: ServerPlan): string {
  const socat = plan.services.filter(({ forward }) => forward === "socat");
  const forwarders = socat.flatMap(({ name, port }) => plan.addresses.map((address) => `${name} ${port} ${address}`));
  return `### socat\n${lines(forwarders)}### forward.nft\n${renderForward(plan)}`;
}

/** What comes from a peer, and what the server itself sends to one of its mesh addresses. */
function renderForward({ services, interfaces, addresses }: ServerPlan): string {
  const ports = services.filter(({ forward }) => forward === "nftables").map(({ port }) => port);
  if (ports.length === 0) return "";
  const mesh = interfaces.map(({ name }) => `"${name}"`).join(", ");
  const to = `ip daddr { ${addresses.join(", ")} } tcp dport { ${ports.join(", ")} } dnat ip to 127.0.0.1`;
  return lines([
    "chain forward_in {",
    "  type nat hook prerouting priority dstnat; policy accept;",
    `  iifname { ${mesh} } ${to}`,
    "}",
    "chain forward_own {",
    "  type nat hook output priority -100; policy accept;", // dstnat, a name that nftables 1.0.6 does not take here
    `  ${to}`,
    "}",
  ]);
}

/** Standard input of the step `key`: all that is secret, a line each. */
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

function lines(all: string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
