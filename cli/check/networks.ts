import { BlockList, isIPv6 } from "node:net";

/** The first and last address of an IPv4 network as numbers. */
type Network = [first: number, last: number];

/** "10.0.0.0/8", or one address; anything else is no network of ours to judge. */
export function networkOf(text: string): Network {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (!parts) return [1, 0];
  const [one, two, three, four, length = 32] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const address = ((one! * 256 + two!) * 256 + three!) * 256 + four!;
  const size = 2 ** (32 - length);
  const first = Math.floor(address / size) * size;
  return [first, first + size - 1];
}

export function overlap(one: Network, other: Network): boolean {
  return one[0] <= other[1] && other[0] <= one[1] && one[0] <= one[1] && other[0] <= other[1];
}

/** The same in IPv6, of texts as `fd12::/48` or one address. */
export function overlap6(one: string, other: string): boolean {
  const holds = (network: string, address: string) => {
    const [first, length = "128"] = network.split("/");
    const list = new BlockList();
    list.addSubnet(first!, Number(length), "ipv6");
    return list.check(address.split("/")[0]!, "ipv6");
  };
  if (![one, other].every((text) => isIPv6(text.split("/")[0]!))) return false;
  return holds(one, other) || holds(other, one);
}
