import { isIP } from "node:net";
import { z } from "zod";
import { show } from "./problem";

/** The input's shape, and the rule of each value by itself. What values say of each other is in validate.ts. */
function value<T>(rule: string, test: (value: unknown) => boolean) {
  return z.custom<T>(test, {
    error: (issue) => (issue.input === undefined ? `is missing, ${rule}` : `${show(issue.input)} is not ${rule}`),
  });
}

/** The same for what must not be shown. */
function secret(rule: string, test: (value: unknown) => boolean) {
  return z.custom<string>(test, { error: () => `(secret) is not ${rule}` });
}

const matches = (pattern: RegExp) => (text: unknown) => typeof text === "string" && pattern.test(text);
const within = (from: number, to: number) => (number: unknown) =>
  Number.isInteger(number) && (number as number) >= from && (number as number) <= to;

const label = /^(?!localhost$)(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const dottedLabels = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const isHost = (text: unknown) => typeof text === "string" && (isIP(text) > 0 || isHostName(text));

/** Digits and dots alone are a mistyped IPv4 address, not a name. */
function isHostName(text: string): boolean {
  return dottedLabels.test(text) && !/^[\d.]+$/.test(text);
}

const tcpPort = value<number>("a TCP port (1-65535)", within(1, 65535));
const udpPort = value<number>("a UDP port (1-65535)", within(1, 65535));
const user = value<string>("a user name", matches(/^[a-z_][a-z0-9_.-]*\$?$/i));
const flag = value<boolean>("true or false", (flag) => typeof flag === "boolean");
const version = value<string | number>(
  "a version: up to 40 letters, digits, dots, hyphens and underscores",
  (version) => /^[\w.-]{1,40}$/.test(String(version)) && ["string", "number"].includes(typeof version),
);
const anyText = value<string | number>("a text", (text) => ["string", "number"].includes(typeof text) && text !== "");
const text = value<string>("a text", matches(/./s));

const hostKey = value<string>(
  'an SSH host key ("ssh-ed25519 AAAA…")',
  // A line's end may come with it, as from a tls.PrivateKey.
  matches(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?\n?$/),
);
const sshAddress = value<string>("the IP address or host name where SSH reaches the server", isHost);
const sshKey = secret("a private key as ssh-keygen writes it", matches(/^-----BEGIN /));
const mtu = value<number>("a number of bytes from 1280 to 9000", within(1280, 9000));

const proxy = z.strictObject({
  address: sshAddress,
  port: tcpPort.optional(),
  user: user.optional(),
  privateKey: sshKey.optional(),
  privateKeyFile: text.optional(),
  privateKeyPassphrase: secret("a text", matches(/./s)).optional(),
  hostKey: hostKey.optional(),
});

const server = z.strictObject({
  address: sshAddress,
  index: value<number>("a whole number from 1 to 254", within(1, 254)).optional(),
  endpoint: value<string>("the IP address or host name that peers dial", isHost).optional(),
  public: flag.optional(),
  wgPort: udpPort.optional(),
  sshPort: tcpPort.optional(),
  user: user.optional(),
  retired: flag.optional(),
  reapply: anyText.optional(),
  keyVersion: version.optional(),
  hostKey: hostKey.optional(),
  sshPrivateKey: sshKey.optional(),
  sshPrivateKeyFile: text.optional(),
  sshPrivateKeyPassphrase: secret("a text", matches(/./s)).optional(),
  proxy: proxy.optional(),
  site: value<string>(
    "a name of up to 40 letters, digits, dots, hyphens and underscores",
    matches(/^[\w.-]{1,40}$/),
  ).optional(),
  lanAddress: value<string>(
    "the IP address that servers of the same site dial",
    (text) => isIP(String(text)) > 0,
  ).optional(),
  privateKey: secret(
    "a WireGuard private key (44 characters of base64, as `wg genkey` prints it)",
    matches(/^[A-Za-z0-9+/]{43}=$/),
  ).optional(),
});

const service = z.strictObject({
  server: value<string>("the name of a server", (name) => typeof name === "string"),
  port: tcpPort,
  forward: value<"socat" | "nftables">('"socat" or "nftables"', matches(/^(socat|nftables)$/)).optional(),
});

const ssh = z.strictObject({
  user: user.optional(),
  port: tcpPort.optional(),
  privateKey: sshKey.optional(),
  privateKeyFile: text.optional(),
  privateKeyPassphrase: secret("a text", matches(/./s)).optional(),
  proxy: proxy.optional(),
  connectTimeout: value<number>("a number of seconds from 5 to 3600", within(5, 3600)).optional(),
});

const serverName = value<string>(
  "a host name: letters, digits and hyphens, 63 at most, not digits alone",
  matches(label),
);
const serviceName = value<string>(
  "a service name: small letters, digits and hyphens, 32 at most",
  matches(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/),
);

export const meshConfig = z.strictObject({
  servers: z.record(serverName, server),
  services: z.record(serviceName, service).optional(),
  ssh: ssh.optional(),
  domain: value<string>("a domain name", (text) => typeof text === "string" && isHostName(text)).optional(),
  ifaceIpOffset: value<number>("a whole number from 0 to 255", within(0, 255)).optional(),
  prefix: value<string>(
    "a small letter and up to 6 small letters or digits",
    matches(/^[a-z][a-z0-9]{0,6}$/),
  ).optional(),
  updateUpgradeServers: flag.optional(),
  reapply: anyText.optional(),
  keyVersion: version.optional(),
  presharedKeyVersion: version.optional(),
  openFirewall: flag.optional(),
  mtu: mtu.optional(),
  persistentKeepalive: value<number>("a number of seconds from 1 to 65535", within(1, 65535)).optional(),
});

export type MeshConfig = z.infer<typeof meshConfig>;
export type ServerConfig = z.infer<typeof server>;
export type ServiceConfig = z.infer<typeof service>;
