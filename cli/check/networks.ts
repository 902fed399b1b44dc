import { BlockList, isIP } from "node:net";

/** Whether two networks share an address; each is as `10.0.0.0/8`, `fd12::/48` or one address. Other texts share none. */
export function overlap(one: string, other: string): boolean {
  return holds(one, other) || holds(other, one);
}

/** Whether the first address that a text names is in a network, which may have any of its own addresses before the slash. */
function holds(network: string, text: string): boolean {
  const [base, length] = network.split("/");
  const address = text.split("/")[0]!;
  const family = isIP(base!);
  if (family === 0 || isIP(address) !== family) return false;
  const list = new BlockList();
  list.addSubnet(base!, Number(length ?? (family === 4 ? 32 : 128)), family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}
