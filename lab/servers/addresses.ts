/** The lab's plan of addresses, all in ranges that are kept for documentation or home networks. */
export interface Addresses {
  /** Where the operator's ssh reaches the server. */
  address: string;
  address6?: string;
  gateway: string;
  /** The operator's own address on the same network. */
  operatorAddress: string;
  wanAddress?: string;
}

/** Servers are numbered from 1; a number's addresses are free again once its server is removed. */
export const lastSlot = 49;

export const proxyAddress = "198.51.100.1:3142";

export function addressesOf(slot: number, nat: boolean): Addresses {
  if (nat) {
    const network = `192.168.${100 + slot}`;
    return {
      address: `${network}.10`,
      gateway: `${network}.1`,
      operatorAddress: `${network}.254`,
      wanAddress: `198.51.100.${200 + slot}`,
    };
  }
  return {
    address: `198.51.100.${10 + slot}`,
    address6: `2001:db8:51::${(10 + slot).toString(16)}`,
    gateway: "198.51.100.1",
    operatorAddress: "198.51.100.1",
  };
}

/** A home router has two addresses that it alternates between. */
export function otherWanAddress(slot: number, current: string): string {
  const first = `198.51.100.${200 + slot}`;
  return current === first ? `198.51.100.${150 + slot}` : first;
}

export function macAddress(slot: number): string {
  return `52:54:00:51:00:${hexByte(slot)}`;
}

/** A router's, towards the public network: what the other servers see of a server behind NAT. */
export function wanMacAddress(slot: number): string {
  return `52:54:00:51:01:${hexByte(slot)}`;
}

function hexByte(number: number): string {
  return number.toString(16).padStart(2, "0");
}
