import { isIP } from "node:net";
import { withPort } from "../../mesh/addresses";
import type { Interface, Peer } from "../../mesh/plan";

/** The conf of an interface as the server makes it, with placeholders for its keys. */
export function confOf(self: Interface, prefix: string): string[] {
  const hook = (name: string) => `sh /var/lib/fakevpc/${prefix}/host.sh ${name} ${prefix} %i || true`;
  return [
    `# fakevpc ${prefix}: written by Pulumi, change it there`,
    "[Interface]",
    `Address = ${self.address}`,
    ...(self.listenPort === undefined ? [] : [`ListenPort = ${self.listenPort}`]),
    ...(self.mtu === undefined ? [] : [`MTU = ${self.mtu}`]),
    "PrivateKey = {private key}",
    `PostUp = ${hook("started")}`,
    `PreDown = ${hook("stopping")}`,
    ...self.peers.flatMap(peerOf),
  ];
}

function peerOf({ name, allowedIps, endpoint, keepalive }: Peer): string[] {
  const { host, port } = endpoint ?? {};
  return [
    "",
    "[Peer]",
    `# ${name}`,
    `PublicKey = {public key of ${name}}`,
    `PresharedKey = {preshared key of ${name}}`,
    `AllowedIPs = ${allowedIps}`,
    ...(host !== undefined && port !== undefined && isIP(host) ? [`Endpoint = ${withPort(host, port)}`] : []),
    ...(keepalive ? [`PersistentKeepalive = ${keepalive}`] : []),
  ];
}
