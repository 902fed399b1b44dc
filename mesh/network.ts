import { BlockList, isIPv4, isIPv6 } from "node:net";
import { canonical } from "./addresses";

/** The ranges that are nobody's on the internet, from which a mesh may take its network. */
const privateRanges = new BlockList();
privateRanges.addSubnet("10.0.0.0", 8, "ipv4");
privateRanges.addSubnet("172.16.0.0", 12, "ipv4");
privateRanges.addSubnet("192.168.0.0", 16, "ipv4");
privateRanges.addSubnet("100.64.0.0", 10, "ipv4");

/** An IPv4 network: its first address and its last one as numbers. */
export interface Network {
  first: number;
  last: number;
}

/** `a.b.c.d/n` as numbers; undefined where it is no network, as 10.1.2.3/8 is none. */
export function networkOf(text: string): Network | undefined {
  const [address, length, ...more] = text.split("/");
  const bits = Number(length);
  if (more.length > 0 || !isIPv4(address!) || !/^\d{1,2}$/.test(length ?? "") || bits > 32) return undefined;
  const first = numberOf(address!);
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** An IPv4 address as a number. */
export function numberOf(address: string): number {
  return address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

/** Whether two networks share an address. */
export function overlap(one: Network, other: Network): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Whether a text is a private IPv4 network with room for 254 servers. */
export function isMeshNetwork(text: unknown): boolean {
  const network = typeof text === "string" ? networkOf(text) : undefined;
  if (!network || network.last - network.first < 255) return false;
  const ends = [network.first, network.last].map(addressOf);
  return ends.every((address) => privateRanges.check(address)) && network.last - network.first < 2 ** 24;
}

/** Whether a text is a unique local IPv6 network of 48 bits, or "auto", which makes one of the mesh's id. */
export function isMeshNetwork6(text: unknown): boolean {
  if (text === "auto") return true;
  if (typeof text !== "string" || !text.endsWith("/48") || !isIPv6(text.slice(0, -3))) return false;
  return /^fd[0-9a-f]{2}:([0-9a-f]{1,4}:){0,2}:$/.test(canonical(text.slice(0, -3)));
}

/** The network of 48 bits that a mesh's id leads to: 40 bits of it after `fd`, as RFC 4193 has them. */
export function networkFromId(meshId: string): string {
  const [first, second, third] = [`fd${meshId.slice(0, 2)}`, meshId.slice(2, 6), meshId.slice(6, 10)];
  return `${canonical(`${first}:${second}:${third}::`)}/48`;
}

/** The one address that a server has for everybody, in the first 256 of its network. */
export function stableAddress(network: string, index: number): string {
  return addressOf(numberOf(network.split("/")[0]!) + index);
}

/** The same in IPv6. Its last group reads as the index does, so that server 10 is `…::10`. */
export function stableAddress6(network: string, index: number): string {
  return canonical(`${network.split("/")[0]}${index}`);
}

/** The addresses that servers may have: what is routed and kept within the mesh, and no more of the network. */
export function stableRange(network: string): string {
  return `${network.split("/")[0]}/24`;
}

/** The same in IPv6: the indexes 1 to 254, read as groups of hexadecimal digits, end below 0x300. */
export function stableRange6(network: string): string {
  return `${network.split("/")[0]}/118`;
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}
