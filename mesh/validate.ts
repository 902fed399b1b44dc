import { BlockList, isIP } from "node:net";
import type { z } from "zod";
import { canonical, isInRange, withPort } from "./addresses";
import { type MeshConfig, meshConfig } from "./config";
import { indexOf, type Mesh, meshOf, type Server, wayTo } from "./mesh";
import { type Problem, ProblemsError, show } from "./problem";

/**
 * The mesh that a config describes, or a ProblemsError with everything that is wrong with it. `later` holds the
 * paths of values that are not known yet: they are missing from the config, and are checked once they are known.
 */
export function checkMesh(config: unknown, later: ReadonlySet<string> = new Set()): Mesh {
  const parsed = meshConfig.safeParse(config, { reportInput: true });
  const shape = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf).filter(({ path }) => !later.has(path));
  if (shape.some(({ path }) => path === "" || path === "servers")) throw new ProblemsError(shape);
  // What is wrong by itself is left out of the rest, which is checked all the same: all problems are told at once.
  const wrong = shape.map(({ path }) => path);
  const usable = parsed.success ? parsed.data : without(config as MeshConfig, wrong);
  const unknown = new Set([...later, ...wrong]);
  const names = Object.keys((config as MeshConfig).servers);
  const mesh = meshOf(usable, unknown);
  const placed = { ...mesh, servers: mesh.servers.filter(({ index }) => isIndex(index)) };
  const problems = [
    ...shape,
    ...(names.length === 0 ? [{ path: "servers", message: "{} has no server" }] : []),
    ...indexProblems(usable, unknown),
    ...serverProblems(placed),
    ...duplicates(placed, usable),
    ...sshProblems(usable),
    ...keyProblems(usable),
    ...serviceProblems(
      mesh,
      names.filter((name) => !usable.servers[name]?.retired),
    ),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  return mesh;
}

/** A config without what stands at these paths. */
function without(config: MeshConfig, paths: string[]): MeshConfig {
  const prune = (value: unknown, path: string): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !paths.includes(path + key));
    return Object.fromEntries(kept.map(([key, each]) => [key, prune(each, `${path}${key}.`)]));
  };
  return prune(config, "") as MeshConfig;
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: "is not a known setting" }));
  }
  if (issue.code === "invalid_key") return [{ path, message: issue.issues[0]!.message }];
  if (issue.code === "invalid_type")
    return [{ path, message: issue.input === undefined ? "is missing" : `${show(issue.input)} is not a map` }];
  return [{ path, message: issue.message }];
}

const isIndex = (index: number) => index >= 1 && index <= 254;

function indexProblems(config: MeshConfig, unknown: ReadonlySet<string>): Problem[] {
  const offset = config.ifaceIpOffset ?? 1;
  const problems: Problem[] = [];
  const taken = new Map<number, string>();
  for (const [name, server] of Object.entries(config.servers)) {
    const path = `servers.${name}.index`;
    if (unknown.has(path) || server.retired) continue;
    const index = indexOf(name, server);
    const other = index === undefined ? undefined : taken.get(index);
    if (index === undefined) {
      problems.push({ path, message: `is missing: give one, or a name that ends in a number` });
    } else if (!isIndex(index)) {
      problems.push({ path, message: `${index} is not a whole number from 1 to 254` });
    } else if (other) {
      problems.push({ path, message: `${index} is the index of ${other} too: each server has its own` });
    } else if (offset + index - 1 > 255) {
      const range = `192.168.${offset + index - 1}.0/24`;
      problems.push({
        path,
        message: `${index} with ifaceIpOffset ${offset} leads to ${range}: their sum is 256 at most`,
      });
    }
    if (index !== undefined) taken.set(index, name);
  }
  return problems;
}

function serverProblems(mesh: Mesh): Problem[] {
  return mesh.servers.flatMap((server) => [
    ...meetingProblems(server, mesh),
    ...addressProblems(`servers.${server.name}.address`, server.address, mesh),
    ...addressProblems(`servers.${server.name}.lanAddress`, server.lanAddress, mesh, server.address),
    ...(server.public ? endpointProblems(server, mesh) : []),
  ]);
}

/** A private server is dialled by nobody but its own site, so everybody else has a lower index, and dials nobody below. */
function meetingProblems(server: Server, mesh: Mesh): Problem[] {
  const missed = mesh.servers.filter((other) => other.index > server.index && wayTo(server, other) === undefined);
  const highestPublic = missed.filter((other) => other.public).at(-1);
  const hidden = missed.filter((other) => !other.public);
  const below = highestPublic && {
    path: `servers.${server.name}.index`,
    message: `${server.index} is below ${highestPublic.index} of ${highestPublic.name}: a private server, which nobody can dial, has a higher index than every public one`,
  };
  return [
    ...(below ? [below] : []),
    ...hidden.map(({ name }) => ({
      path: `servers.${name}.public`,
      message: `false is so for ${server.name} too, and neither can dial the other: in one LAN, give both the same site`,
    })),
  ];
}

function addressProblems(path: string, address: string | undefined, mesh: Mesh, told?: string): Problem[] {
  if (address === told) return [];
  const owner = mesh.servers.find(({ index }) => address && isInRange(address, mesh.offset, index));
  return owner
    ? [{ path, message: `${show(address)} lies in the mesh's own range of ${owner.name}: change ifaceIpOffset` }]
    : [];
}

/** Addresses that mean something else on each machine, or nothing. */
const undialable = new BlockList();
undialable.addSubnet("127.0.0.0", 8, "ipv4");
undialable.addSubnet("0.0.0.0", 8, "ipv4");
undialable.addSubnet("224.0.0.0", 3, "ipv4");
undialable.addAddress("::1", "ipv6");
undialable.addAddress("::", "ipv6");
undialable.addSubnet("ff00::", 8, "ipv6");

function isDialable(endpoint: string): boolean {
  const family = isIP(endpoint);
  if (family === 0) return canonical(endpoint) !== "localhost"; // other names are looked up on the servers
  return !endpoint.includes("%") && !undialable.check(endpoint, family === 6 ? "ipv6" : "ipv4");
}

function endpointProblems(server: Server, mesh: Mesh): Problem[] {
  const { endpoint } = server;
  const path = `servers.${server.name}.endpoint`;
  if (endpoint === undefined) return [];
  if (!isDialable(endpoint)) {
    return [{ path, message: `${show(endpoint)} is not an address that peers can dial` }];
  }
  return addressProblems(path, endpoint, mesh, server.address);
}

/** Two servers cannot be reached at one and the same place, by peers or by SSH. */
function duplicates(mesh: Mesh, config: MeshConfig): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const claim = (kind: string, path: string, host: string | undefined, port: number | undefined, name: string) => {
    if (host === undefined || port === undefined) return;
    const place = `${kind} ${withPort(canonical(host), port)}`;
    const other = taken.get(place);
    if (other) problems.push({ path, message: `${withPort(host, port)} is the ${kind} of ${other} too` });
    taken.set(place, name);
  };
  for (const { name, public: dialled, address, endpoint, sshPort, wgPort, site, inLan, lanAddress } of mesh.servers) {
    // Behind two bastions the same address may be two servers.
    const bastion = config.servers[name]?.proxy?.address;
    claim(bastion ? `SSH address behind ${bastion}` : "SSH address", `servers.${name}.address`, address, sshPort, name);
    if (dialled) claim("endpoint", `servers.${name}.endpoint`, endpoint, wgPort, name);
    if (site && inLan) claim(`address in ${site}`, `servers.${name}.lanAddress`, lanAddress, wgPort, name);
  }
  return problems;
}

/** Wherever an SSH key may be given, it is given in one way. */
function sshProblems({ ssh, servers }: MeshConfig): Problem[] {
  const places: [path: string, file: string, fileValue?: string, key?: string][] = [
    ["ssh", "privateKeyFile", ssh?.privateKeyFile, ssh?.privateKey],
    ["ssh.proxy", "privateKeyFile", ssh?.proxy?.privateKeyFile, ssh?.proxy?.privateKey],
  ];
  for (const [name, { sshPrivateKeyFile, sshPrivateKey, proxy }] of Object.entries(servers)) {
    places.push([`servers.${name}`, "sshPrivateKeyFile", sshPrivateKeyFile, sshPrivateKey]);
    places.push([`servers.${name}.proxy`, "privateKeyFile", proxy?.privateKeyFile, proxy?.privateKey]);
  }
  return places
    .filter(([, , file, key]) => file !== undefined && key !== undefined)
    .map(([path, field, file]) => ({
      path: `${path}.${field}`,
      message: `${show(file)} stands beside the key itself: give one of the two`,
    }));
}

/** A given key has no version: who wants another one gives another one. */
function keyProblems({ servers }: MeshConfig): Problem[] {
  const both = Object.entries(servers).filter(
    ([, { privateKey, keyVersion }]) => privateKey && keyVersion !== undefined,
  );
  return both.map(([name, { keyVersion }]) => ({
    path: `servers.${name}.keyVersion`,
    message: `${show(keyVersion)} stands beside privateKey: give one of the two`,
  }));
}

function serviceProblems(mesh: Mesh, servers: string[]): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  for (const { name, server, port } of mesh.services) {
    const place = `${server} ${port}`;
    if (server === undefined || port === undefined) continue;
    if (!servers.includes(server)) {
      const message = `${show(server)} is not one of the servers (${servers.join(", ")})`;
      problems.push({ path: `services.${name}.server`, message });
    } else if (taken.has(place)) {
      problems.push({
        path: `services.${name}.port`,
        message: `${port} of ${server} is the service ${taken.get(place)} already`,
      });
    }
    taken.set(place, name);
  }
  return problems;
}
