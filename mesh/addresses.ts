import { isIP, isIPv4 } from "node:net";

/** The third byte of the addresses behind the listening interface of the server with this index. */
function third(offset: number, index: number): number {
  return offset + index - 1;
}

/** The network behind a server's listening interface, as `192.168.x.0/24`. */
export function rangeOf(offset: number, index: number): string {
  return `192.168.${third(offset, index)}.0/24`;
}

/**
 * The address of server `of` as server `from` sees it. The pair meets in the range of the lower index, where the lower
 * is `.1` and the higher has its index; to itself a server is 127.0.0.1.
 */
export function addressSeen(offset: number, of: number, from: number): string {
  if (of === from) return "127.0.0.1";
  return of < from ? `192.168.${third(offset, of)}.1` : `192.168.${third(offset, from)}.${of}`;
}

/** Whether an address lies in the range of the server with this index. */
export function isInRange(address: string, offset: number, index: number): boolean {
  return plainIPv4(address).startsWith(`192.168.${third(offset, index)}.`);
}

/** The IPv4 address that an address means, also one in IPv6's spelling (::ffff:192.168.1.7); empty for all others. */
function plainIPv4(address: string): string {
  if (isIPv4(address)) return address;
  const mapped = isIP(address) === 6 ? /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(ipv6(address)) : null;
  if (!mapped) return "";
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** An IP address in its one canonical form, so that two spellings of one compare as equal. */
export function canonical(address: string): string {
  if (isIP(address) !== 6) return address.toLowerCase();
  return plainIPv4(address) || ipv6(address);
}

function ipv6(address: string): string {
  return new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
}

/** `address:port`, with brackets around IPv6. */
export function withPort(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
