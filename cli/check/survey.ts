import { sectionsOf } from "../server/sections";

/** What a server says of itself before anything is installed, as survey.sh prints it. */
export interface Survey {
  /** Seconds since 1970 by the server's clock. */
  time: number;
  /** What the login may do: it is root, has sudo without a password or with one, or nothing of these. */
  login: "root" | "sudo" | "password" | "none";
  /** Programs and abilities by name: "systemd", "apt-get", "tun", "wireguard", … */
  system: Set<string>;
  release: string;
  cloudInit?: string;
  /** Free megabytes by mount point. */
  disk: Map<string, number>;
  /** The networks of its own as "INTERFACE NETWORK". */
  networks: { interface: string; network: string }[];
  /** IP addresses that it has to reach: the operator's, gateways, name servers; by what they are. */
  needs: { what: string; address: string }[];
  interfaces: string[];
  /** Interfaces that are this mesh's already. */
  ours: Set<string>;
  /** UDP ports in use. */
  listening: Set<number>;
  hosts: { line: number; address: string; names: string[] }[];
  /** Firewalls of its own that drop what they do not know: ufw, firewalld, nftables, iptables. */
  firewalls: string[];
  /** Ports that ufw opens to a few connections at a time. */
  limited: string[];
  /** Bytes of the largest packet on the card by which it reaches the world. */
  mtu: number;
}

/** The answer in parts; undefined where it broke off. */
export function parseSurvey(text: string): Survey | undefined {
  const sections = new Map([...sectionsOf(text)].map(([name, lines]) => [name, lines.map((line) => line.slice(1))]));
  if (!sections.has("end")) return undefined;
  const lines = (name: string) => (sections.get(name) ?? []).filter((line) => line !== "");
  const addresses = (name: string, what: string) => lines(name).map((address) => ({ what, address }));
  return {
    time: Number(lines("time")[0]),
    login: (lines("login")[0] ?? "none") as Survey["login"],
    system: new Set(lines("system")),
    release: lines("release")[0] ?? "",
    cloudInit: /^status: (.*)/.exec(lines("cloud-init")[0] ?? "")?.[1],
    disk: new Map(
      lines("disk")
        .map((line) => line.split(" "))
        .map(([place, free]) => [place!, Number(free)]),
    ),
    networks: lines("networks")
      .map((line) => line.split(" "))
      .map(([name, network]) => ({ interface: name!, network: network! })),
    needs: [
      ...addresses("client", "the address that you come from"),
      ...addresses("gateways", "its gateway"),
      ...addresses("nameservers", "its name server"),
    ],
    interfaces: lines("interfaces"),
    ours: new Set(lines("ours")),
    listening: new Set(lines("listening").map((address) => Number(address.slice(address.lastIndexOf(":") + 1)))),
    hosts: lines("hosts")
      .map((line) => line.split("#")[0]!.trim().split(/\s+/))
      .map(([line, address, ...names]) => ({ line: Number(line), address: address ?? "", names })),
    firewalls: lines("firewall").filter((line) => !line.startsWith("limit ")),
    limited: lines("firewall").flatMap((line) => /^limit (.*)/.exec(line)?.[1] ?? []),
    mtu: Number(lines("mtu")[0] ?? 1500),
  };
}
