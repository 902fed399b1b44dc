import type { MeshConfig, ServerConfig, ServiceConfig } from "./config";

/** The first WireGuard port: a server listens on this plus its index, as in the first description of such a mesh. */
const firstPort = 51820;

/** A server with its defaults. What is undefined here is not known yet, as the output of another resource. */
export interface Server {
  name: string;
  index: number;
  public: boolean;
  address?: string;
  endpoint?: string;
  /** The UDP port at `endpoint`; another than `wgPort` where a router forwards it. */
  endpointPort?: number;
  wgPort?: number;
  sshPort?: number;
  /** The LAN that it shares with others of the same site, if any; whether those dial it there, and where. */
  site?: string;
  inLan: boolean;
  lanAddress?: string;
  /** The servers through which those who cannot dial it meet it, in the order in which they are tried. */
  relays: string[];
  /** Networks behind it that other servers reach through it, and whether they are seen there under its own address. */
  routes: string[];
  masquerade: boolean;
}

export interface Service {
  name: string;
  server: string;
  port: number;
  forward: "socat" | "nftables";
}

/** The whole mesh with every default in place, servers by index; those that are retired are no part of it. */
export interface Mesh {
  servers: Server[];
  services: Service[];
  domain: string;
  prefix: string;
  offset: number;
  mtu?: number;
  /** Seconds between the dialling side's keepalives. */
  keepalive: number;
  openFirewall: boolean;
  /** Where each server has the one address that is the same for all; none by default. */
  network?: string;
  network6?: string;
  /** Whether names yield that address, or the one that each pair meets at. */
  names: "seed" | "stable";
}

/** WireGuard's own advice for what is behind NAT. */
const defaultKeepalive = 25;

/** The index of a server: given, or the number its name ends in; undefined where it has neither. */
export function indexOf(name: string, config: ServerConfig): number | undefined {
  const digits = /\d+$/.exec(name)?.[0];
  return config.index ?? (digits ? Number(digits) : undefined);
}

/** Fills in the defaults of a config. `unknownPaths` holds the paths whose values are not known yet. */
export function meshOf(config: MeshConfig, unknownPaths: ReadonlySet<string> = new Set()): Mesh {
  const servers = Object.entries(config.servers)
    .filter(([, server]) => !server.retired)
    .flatMap(([name, server]) => {
      // Without an index a server has no addresses, and so no place in the mesh.
      const index = unknownPaths.has(`servers.${name}.index`) ? undefined : indexOf(name, server);
      return index === undefined ? [] : [serverOf(name, index, server, config, unknownPaths)];
    });
  return {
    servers: servers.sort((one, other) => one.index - other.index),
    services: Object.entries(config.services ?? {}).map(([name, service]) => serviceOf(name, service)),
    domain: config.domain ?? "vpcdomain",
    prefix: config.prefix ?? "vpc",
    offset: config.ifaceIpOffset ?? 1,
    mtu: config.mtu,
    keepalive: config.persistentKeepalive ?? defaultKeepalive,
    openFirewall: config.openFirewall ?? false,
    network: config.network,
    network6: config.network6,
    names: config.names ?? "seed",
  };
}

function serverOf(
  name: string,
  index: number,
  server: ServerConfig,
  config: MeshConfig,
  unknownPaths: ReadonlySet<string>,
): Server {
  const ownPort = firstPort + index;
  const settingOf = <T>(field: string, given: T | undefined, fallback: T | undefined) =>
    unknownPaths.has(`servers.${name}.${field}`) ? undefined : (given ?? fallback);
  return {
    name,
    index,
    public: server.public ?? true,
    address: settingOf("address", server.address, undefined),
    endpoint: settingOf("endpoint", server.endpoint, settingOf("address", server.address, undefined)),
    endpointPort: settingOf("endpointPort", server.endpointPort, settingOf("wgPort", server.wgPort, ownPort)),
    wgPort: settingOf("wgPort", server.wgPort, ownPort),
    sshPort: settingOf("sshPort", server.sshPort, unknownPaths.has("ssh.port") ? undefined : (config.ssh?.port ?? 22)),
    site: server.site,
    inLan:
      !(server.public ?? true) || server.lanAddress !== undefined || unknownPaths.has(`servers.${name}.lanAddress`),
    lanAddress: settingOf("lanAddress", server.lanAddress, settingOf("address", server.address, undefined)),
    relays: server.relay ?? [],
    routes: server.routes ?? [],
    masquerade: server.masquerade ?? true,
  };
}

/** How one server dials another: in the LAN they share, or over the public network. */
export type Way = "lanAddress" | "endpoint";

/** How a pair meets; undefined where it cannot. It is the server of the higher index that dials, the other listens. */
export function wayFromTo(dialler: Server, listener: Server): Way | undefined {
  if (listener.inLan && listener.site !== undefined && listener.site === dialler.site) return "lanAddress";
  return listener.public ? "endpoint" : undefined;
}

/** Where a server is dialled that way, as far as it is known. */
export function endpointOf(server: Server, way: Way): { host?: string; port?: number } {
  return way === "endpoint"
    ? { host: server.endpoint, port: server.endpointPort }
    : { host: server.lanAddress, port: server.wgPort };
}

function serviceOf(name: string, service: ServiceConfig): Service {
  return { name, server: service.server, port: service.port, forward: service.forward ?? "socat" };
}
