import { isIP } from "node:net";
import { z } from "zod";
import { hostKeyFault } from "./hostKeys";
import { isMeshNetwork, isMeshNetwork6, networkOf } from "./network";
import { notPlain, show } from "./problem";

/** The input's shape, and the rule of each value by itself. What values say of each other is in rules/. */
function value<T>(rule: string, test: (value: unknown) => boolean) {
  return checked<T>((input) => {
    if (test(input)) return undefined;
    if (input === undefined) return `is missing, ${rule}`;
    return `${show(input)} is not ${rule}${wouldPass(unquoted(input), test) ? ": put it in quotes" : ""}`;
  });
}

/** The same with a sentence of its own for each fault; undefined where there is none. */
function checked<T>(faultOf: (value: unknown) => string | undefined) {
  return z.custom<T>((input) => faultOf(input) === undefined, {
    error: ({ input }) => (input === notPlain ? mustBePlain : faultOf(input)),
  });
}

/** The same for what must not be shown. */
function secret(rule: string, test: (value: unknown) => boolean) {
  return checked<string>((input) => {
    if (test(input)) return undefined;
    return `(secret) is not ${rule}${wouldPass(unquoted(input), test) ? ": put it in quotes" : ""}`;
  });
}

const mustBePlain = `${show(notPlain)} must be plain: give the value itself`;

/** The text that a value was in YAML before it became a number, a date or the like; undefined where it is a text. */
function unquoted(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const date = typeof value === "string" && /^(\d{4}-\d\d-\d\d) [\d:.]+ [+-]\d{4} \w+$/.exec(value);
  return date ? date[1] : undefined;
}

function wouldPass(text: string | undefined, test: (value: unknown) => boolean): boolean {
  return text !== undefined && test(text);
}

/** A list of values of one rule, each once. */
function list(rule: string, test: (value: unknown) => boolean) {
  return checked<string[]>((input) => {
    if (!Array.isArray(input)) return `${show(input)} is not a list, each of it ${rule}`;
    const wrong = input.find((each) => !test(each));
    if (wrong !== undefined) return `${show(wrong)} is not ${rule}`;
    const twice = input.find((each, at) => input.indexOf(each) !== at);
    return twice === undefined ? undefined : `${show(twice)} stands there twice: give it once`;
  });
}

const matches = (pattern: RegExp) => (text: unknown) => typeof text === "string" && pattern.test(text);
const within = (from: number, to: number) => (number: unknown) =>
  Number.isInteger(number) && (number as number) >= from && (number as number) <= to;

const label = /^(?!localhost$)(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/** The number of addresses in a network; no number where it is none. */
function sizeOf(text: unknown): number {
  const network = typeof text === "string" ? networkOf(text) : undefined;
  return network ? network.last - network.first + 1 : Number.NaN;
}

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
  (version) => isTextOrWhole(version) && /^[\w.-]{1,40}$/.test(String(version)),
);
const anyText = value<string | number>("a text", (text) => isTextOrWhole(text) && text !== "");
const text = value<string>("a text", matches(/./s));

/** Of a number with a fraction YAML has dropped the zeros at its end: 2026.1 may have been 2026.10. */
function isTextOrWhole(value: unknown): value is string | number {
  return typeof value === "string" || Number.isSafeInteger(value);
}

const hostKey = checked<string>(hostKeyFault);
const sshAddress = value<string>("the IP address or host name where SSH reaches the server", isHost);
const sshKey = secret("a private key as ssh-keygen writes it", matches(/^-----BEGIN /m));
const passphrase = secret("a text of one line", matches(/^.+$/));
const mtu = value<number>("a number of bytes from 1280 to 9000", within(1280, 9000));

const proxy = z.strictObject({
  address: sshAddress,
  port: tcpPort.optional(),
  user: user.optional(),
  privateKey: sshKey.optional(),
  privateKeyFile: text.optional(),
  privateKeyPassphrase: passphrase.optional(),
  hostKey: hostKey.optional(),
});

const server = z.strictObject({
  address: sshAddress,
  index: value<number>("a whole number from 1 to 254", within(1, 254)).optional(),
  endpoint: value<string>("the IP address or host name that peers dial", isHost).optional(),
  public: flag.optional(),
  endpointPort: udpPort.optional(),
  wgPort: udpPort.optional(),
  sshPort: tcpPort.optional(),
  user: user.optional(),
  retired: flag.optional(),
  reapply: anyText.optional(),
  keyVersion: version.optional(),
  hostKey: hostKey.optional(),
  sshPrivateKey: sshKey.optional(),
  sshPrivateKeyFile: text.optional(),
  sshPrivateKeyPassphrase: passphrase.optional(),
  proxy: proxy.optional(),
  site: value<string>(
    "a name of up to 40 letters, digits, dots, hyphens and underscores",
    matches(/^[\w.-]{1,40}$/),
  ).optional(),
  lanAddress: value<string>(
    "the IP address that servers of the same site dial",
    (text) => isIP(String(text)) > 0,
  ).optional(),
  relay: list("the name of a server", matches(label)).optional(),
  routes: list(
    "a network behind the server, as 192.168.50.0/24 (/8 at the largest)",
    (text) => sizeOf(text) <= 2 ** 24,
  ).optional(),
  masquerade: flag.optional(),
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
  privateKeyPassphrase: passphrase.optional(),
  proxy: proxy.optional(),
  connectTimeout: value<number>("a number of seconds from 5 to 3600", within(5, 3600)).optional(),
  connectionLimit: value<number>("a whole number from 1 to 1000", within(1, 1000)).optional(),
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
  network: value<string>(
    "a private network with room for 254 servers, as 10.77.0.0/16 (from 10/8, 172.16/12, 192.168/16 or 100.64/10)",
    isMeshNetwork,
  ).optional(),
  network6: value<string>(
    'a unique local network of 48 bits, as fd12:3456:789a::/48, or "auto"',
    isMeshNetwork6,
  ).optional(),
  names: value<"seed" | "stable">('"seed" or "stable"', matches(/^(seed|stable)$/)).optional(),
  updateUpgradeServers: flag.optional(),
  reapply: anyText.optional(),
  keyVersion: version.optional(),
  presharedKeyVersion: version.optional(),
  openFirewall: flag.optional(),
  mtu: mtu.optional(),
  persistentKeepalive: value<number>("a number of seconds from 1 to 65535", within(1, 65535)).optional(),
});

/** The settings of the mesh that are texts, whatever they look like. */
export const textSettings: readonly string[] = ["domain", "prefix", "reapply", "keyVersion", "presharedKeyVersion"];

export type MeshConfig = z.infer<typeof meshConfig>;
export type ServerConfig = z.infer<typeof server>;
export type ServiceConfig = z.infer<typeof service>;
