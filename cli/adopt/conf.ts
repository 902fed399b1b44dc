import { sectionsOf } from "../server/sections";

/** A server with the WireGuard confs that somebody wrote there. */
export interface FoundServer {
  host: string;
  confs: Conf[];
}

/** An interface as wg-quick's conf has it. */
export interface Conf {
  name: string;
  privateKey?: string;
  listenPort?: number;
  mtu?: number;
  /** "10.0.0.2/24" each. */
  addresses: string[];
  peers: ConfPeer[];
  /** Settings of the interface that a mesh of ours has no place for. */
  others: string[];
}

interface ConfPeer {
  publicKey: string;
  allowedIps: string[];
  endpoint?: { host: string; port: number };
  hasPresharedKey: boolean;
}

/** What confs.sh printed; undefined where it broke off. Confs that fakevpc wrote are none of these. */
export function foundServer(text: string): FoundServer | undefined {
  const sections = new Map([...sectionsOf(text)].map(([name, lines]) => [name, lines.map((line) => line.slice(1))]));
  if (!sections.has("end")) return undefined;
  const confs = [...sections].filter(
    ([name, lines]) => /^conf /.test(name) && !lines.some((line) => /^# fakevpc \w+:/.test(line)),
  );
  const host = sections.get("host")?.[0]?.split(".")[0] ?? "";
  return { host, confs: confs.map(([name, lines]) => confOf(name.slice("conf ".length), lines)) };
}

const known = ["address", "listenport", "privatekey", "mtu"];

export function confOf(name: string, lines: string[]): Conf {
  const conf: Conf = { name, addresses: [], peers: [], others: [] };
  let peer: ConfPeer | undefined;
  for (const line of lines.map((each) => each.replace(/#.*/, "").trim())) {
    if (/^\[peer\]$/i.test(line)) {
      peer = { publicKey: "", allowedIps: [], hasPresharedKey: false };
      conf.peers.push(peer);
    }
    const [, field, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (field === undefined) continue;
    if (peer) readPeer(peer, field.toLowerCase(), value!);
    else readInterface(conf, field, value!);
  }
  return conf;
}

function readInterface(conf: Conf, field: string, value: string): void {
  const name = field.toLowerCase();
  if (name === "address") conf.addresses.push(...value.split(",").map((each) => each.trim()));
  if (name === "listenport") conf.listenPort = Number(value);
  if (name === "privatekey") conf.privateKey = value;
  if (name === "mtu") conf.mtu = Number(value);
  if (!known.includes(name)) conf.others.push(field);
}

function readPeer(peer: ConfPeer, field: string, value: string): void {
  if (field === "publickey") peer.publicKey = value;
  if (field === "allowedips") peer.allowedIps.push(...value.split(",").map((each) => each.trim()));
  if (field === "presharedkey") peer.hasPresharedKey = true;
  const endpoint = field === "endpoint" && /^\[?([^\]]+?)\]?:(\d+)$/.exec(value);
  if (endpoint) peer.endpoint = { host: endpoint[1]!, port: Number(endpoint[2]) };
}
