import { isIPv4 } from "node:net";
import { publicKeyOf } from "../../mesh/keys";
import { CommandError } from "../stack/pulumi";
import type { Conf, FoundServer } from "./conf";

/** A server of the mesh made by hand, with what is known of it beside its confs. */
export interface HandMade {
  name: string;
  address: string;
  found: FoundServer;
}

/** What the config can have of it. */
export interface TakenOver {
  servers: { name: string; index: number; private: boolean; endpoint?: string; wgPort: number; privateKey: string }[];
  /** The first range of the mesh, where it is another than usual. */
  ifaceIpOffset?: number;
  mtu?: number;
  /** What is left behind, a sentence each. */
  left: string[];
}

/** Indexes of private servers in a mesh whose addresses change anyway: after those of all public ones. */
const firstPrivate = 200;

export function takeOver(servers: HandMade[]): TakenOver {
  const keys = new Map(servers.map((server) => [server.name, keyOf(server)]));
  const publicKeys = new Map([...keys].map(([name, key]) => [publicKeyOf(key), name]));
  const endpoints = endpointsOf(servers, publicKeys);
  const hidden = new Set(
    servers.filter(({ name, address }) => isPrivate(address) && !endpoints.has(name)).map(({ name }) => name),
  );
  const seed = seedIndexes(servers);
  const indexes = seed?.indexes ?? flatIndexes(servers, hidden);
  const mtus = new Set(servers.flatMap(({ found }) => found.confs.map(({ mtu }) => mtu)));
  return {
    servers: servers.map(({ name, address, found }) => {
      const index = indexes.get(name)!;
      const endpoint = endpoints.get(name);
      return {
        ...{ name, index, private: hidden.has(name), privateKey: keys.get(name)! },
        endpoint: endpoint === address ? undefined : endpoint,
        wgPort: found.confs.find(({ listenPort }) => listenPort)?.listenPort ?? 51820 + index,
      };
    }),
    ifaceIpOffset: seed && seed.offset !== 1 ? seed.offset : undefined,
    mtu: mtus.size === 1 ? [...mtus][0] : undefined,
    left: [
      ...servers.flatMap((server) => leftOf(server, publicKeys)),
      ...(seed ? [] : addressesLeft(servers)),
      ...mtuLeft(mtus),
    ],
  };
}

/** The key of the interface that peers know best: the one that listens. */
function keyOf({ name, found: { confs } }: HandMade): string {
  const conf =
    confs.find(({ listenPort, privateKey }) => listenPort && privateKey) ?? confs.find((each) => each.privateKey);
  if (conf?.privateKey) return conf.privateKey;
  throw new CommandError(
    `${name} has no conf with a PrivateKey in /etc/wireguard, except what fakevpc may have written`,
  );
}

/** Where peers dial each server, as the others' confs say. */
function endpointsOf(servers: HandMade[], publicKeys: Map<string, string>): Map<string, string> {
  const peers = servers.flatMap(({ found }) => found.confs.flatMap((conf) => conf.peers));
  const dialled = peers.filter(({ publicKey, endpoint }) => endpoint && publicKeys.has(publicKey));
  return new Map(dialled.map(({ publicKey, endpoint }) => [publicKeys.get(publicKey)!, endpoint!.host]));
}

function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(address);
}

/** The indexes of a mesh in the form that ours has: 192.168.X.1 listens, 192.168.X.INDEX dials; undefined in any other. */
function seedIndexes(servers: HandMade[]): { indexes: Map<string, number>; offset: number } | undefined {
  const parts = servers.map(({ name, found }) => ({ name, addresses: found.confs.flatMap(lastTwo) }));
  if (servers.length < 2 || parts.some(({ addresses }) => addresses.some((address) => address === undefined)))
    return undefined;
  const all = parts.map(({ name, addresses }) => {
    const listens = addresses.find((address) => address!.last === 1)?.third;
    const dials = [...new Set(addresses.filter((address) => address!.last !== 1).map((address) => address!.last))];
    return { name, listens, dials };
  });
  const offsets = new Set(
    all.flatMap(({ listens, dials }) => (listens !== undefined && dials[0] ? [listens - dials[0] + 1] : [])),
  );
  const lowest = Math.min(...all.flatMap(({ listens }) => listens ?? []));
  const offset = offsets.size === 0 ? lowest : [...offsets][0]!;
  if (offsets.size > 1 || all.some(({ dials }) => dials.length > 1) || !Number.isFinite(offset)) return undefined;
  const indexes = new Map(all.map(({ name, listens, dials }) => [name, dials[0] ?? listens! - offset + 1]));
  return new Set(indexes.values()).size === servers.length ? { indexes, offset } : undefined;
}

function lastTwo({ addresses }: Conf): ({ third: number; last: number } | undefined)[] {
  return addresses.map((address) => {
    const parts = /^192\.168\.(\d+)\.(\d+)(\/|$)/.exec(address);
    return parts ? { third: Number(parts[1]), last: Number(parts[2]) } : undefined;
  });
}

/** In a mesh of one network the last number of an address is the index, where it can be. */
function flatIndexes(servers: HandMade[], hidden: Set<string>): Map<string, number> {
  const indexes = new Map<string, number>();
  const taken = new Set<number>();
  const take = (name: string, wanted: number, from: number) => {
    let index = wanted;
    if (wanted < 1 || wanted > 254 || taken.has(wanted)) for (index = from; taken.has(index); index++);
    taken.add(index);
    indexes.set(name, index);
  };
  const last = ({ found }: HandMade) => {
    const address = found.confs.flatMap((conf) => conf.addresses).find((each) => isIPv4(each.split("/")[0]!));
    return Number(/\.(\d+)(\/|$)/.exec(address ?? "")?.[1] ?? 0);
  };
  for (const server of servers.filter(({ name }) => !hidden.has(name))) take(server.name, last(server), 1);
  const highest = Math.max(0, ...taken);
  for (const server of servers.filter(({ name }) => hidden.has(name))) {
    take(server.name, last(server) > highest ? last(server) : 0, Math.max(firstPrivate, highest + 1));
  }
  return indexes;
}

function leftOf({ name, found }: HandMade, publicKeys: Map<string, string>): string[] {
  const keys = new Set(found.confs.map(({ privateKey }) => privateKey));
  return [
    ...(keys.size > 1
      ? [
          `${name} has ${keys.size} private keys, and the mesh one for each server: that of the listening interface is taken`,
        ]
      : []),
    ...found.confs.flatMap((conf) => [
      ...(conf.others.length > 0 ? [`${name}: ${[...new Set(conf.others)].join(", ")} of ${conf.name}`] : []),
      ...conf.peers.flatMap((peer) => peerLeft(`${name}: ${conf.name}`, peer, publicKeys)),
    ]),
  ];
}

function peerLeft(
  place: string,
  { publicKey, allowedIps, hasPresharedKey }: Conf["peers"][number],
  publicKeys: Map<string, string>,
): string[] {
  const peer = publicKeys.get(publicKey);
  if (peer === undefined)
    return [`${place} has a peer that is none of these servers: ${publicKey}, ${allowedIps.join(", ")}`];
  const networks = allowedIps.filter((each) => !/\/(32|128)$/.test(each) && each.includes("/"));
  return [
    ...(networks.length > 0
      ? [`${place} sends ${networks.join(", ")} by way of ${peer}: the mesh has its servers' own addresses alone`]
      : []),
    ...(hasPresharedKey ? [`${place} has a preshared key with ${peer}: the mesh makes its own`] : []),
  ];
}

function addressesLeft(servers: HandMade[]): string[] {
  const addresses = servers.flatMap(({ found }) => found.confs.flatMap((conf) => conf.addresses));
  return [`the addresses ${addresses.join(", ")}: in the mesh they are in 192.168.0.0/16, and names stand for them`];
}

function mtuLeft(mtus: Set<number | undefined>): string[] {
  return mtus.size > 1
    ? [`an MTU for each interface (${[...mtus].map((mtu) => mtu ?? "none").join(", ")}): the mesh has one`]
    : [];
}
