import { isInRange, rangeOf } from "../../mesh/addresses";
import type { Login } from "../../mesh/login";
import type { Mesh, Server } from "../../mesh/mesh";
import type { Finding } from "../findings/finding";
import { networkOf, overlap } from "./networks";
import type { Survey } from "./survey";

/** Megabytes that packages and the mesh's own files need at most. */
const neededSpace = 200;

/** What would keep a server that answers from becoming part of the mesh. */
export function serverFindings(server: Server, survey: Survey, { user }: Login, mesh: Mesh): Finding[] {
  const finding = (kind: Finding["kind"], message: string, remedy: string): Finding => {
    return { kind, servers: [server.name], message, remedy };
  };
  const { system } = survey;
  const full = [...survey.disk].filter(([, free]) => free < neededSpace);
  const login = {
    none: `${user} is not root and has no sudo`,
    password: `the sudo of ${user} asks for a password`,
  }[survey.login as string];
  return [
    ...(login
      ? [finding("login", login, `log in as root, or add "${user} ALL=(ALL) NOPASSWD: ALL" to /etc/sudoers.d there`)]
      : []),
    ...(system.has("systemd") ? [] : [finding("system", "systemd does not run there", "use a server with systemd")]),
    ...programFindings(survey, finding),
    ...(system.has("wireguard") || system.has("tun")
      ? []
      : [
          finding(
            "system",
            "its kernel has no WireGuard, and there is no /dev/net/tun for wireguard-go",
            "ask its provider for a kernel with WireGuard, or for /dev/net/tun in the container",
          ),
        ]),
    ...full.map(([place, free]) =>
      finding("disk", `${place} has ${free} MB left`, `make room there: ${neededSpace} MB are enough`),
    ),
    ...rangeFindings(server, survey, mesh, finding),
    ...takenFindings(server, survey, mesh, finding),
  ];
}

type Make = (kind: Finding["kind"], message: string, remedy: string) => Finding;

/** What the mesh needs, apart from WireGuard itself. */
const programs = ["ip", "ss", "wg", "wg-quick", "nft", "socat", "awk", "cmp", "flock", "sha256sum"];

/** apt-get installs what is missing; without it all has to be there. */
function programFindings({ system, release }: Survey, finding: Make): Finding[] {
  const missing = programs.filter((program) => !system.has(program));
  if (system.has("apt-get") || missing.length === 0) return [];
  const message = `there is no apt-get (${release}), and of the programs that the mesh needs these are missing: ${missing.join(", ")}`;
  return [finding("system", message, "install them there by its own package manager")];
}

/** A range of the mesh takes the traffic for all addresses in it. */
function rangeFindings({ index }: Server, survey: Survey, mesh: Mesh, finding: Make): Finding[] {
  const remedy = "choose another ifaceIpOffset";
  const listeners = mesh.servers.filter((each) => each.index <= index);
  const own = survey.networks.filter((each) => !survey.ours.has(each.interface));
  return listeners.flatMap((listener) => {
    const range = rangeOf(mesh.offset, listener.index);
    const network = own.find((each) => overlap(networkOf(range), networkOf(each.network)));
    const need = survey.needs.find(({ address }) => isInRange(address, mesh.offset, listener.index));
    if (network) {
      return [finding("range", `${range} overlaps its own network ${network.network} on ${network.interface}`, remedy)];
    }
    return need ? [finding("range", `${range} holds ${need.address}, ${need.what}`, remedy)] : [];
  });
}

/** Ports and names of interfaces that somebody else has. */
function takenFindings(server: Server, survey: Survey, mesh: Mesh, finding: Make): Finding[] {
  const dialled = mesh.servers
    .filter(({ index }) => index < server.index)
    .map(({ index }) => `${mesh.prefix}c${index}`);
  const listens = mesh.servers.some(({ index }) => index > server.index);
  const own = [...(listens ? [`${mesh.prefix}s`] : []), ...dialled];
  const taken = own.filter((name) => survey.interfaces.includes(name) && !survey.ours.has(name));
  const port = server.wgPort!;
  const isOurs = survey.ours.has(`${mesh.prefix}s`);
  return [
    ...taken.map((name) =>
      finding(
        "taken",
        `an interface ${name} is there already and not of this mesh`,
        "choose another prefix, or remove it",
      ),
    ),
    ...(listens && survey.listening.has(port) && !isOurs
      ? [finding("taken", `UDP port ${port} is in use there`, "choose another wgPort, or stop what listens there")]
      : []),
  ];
}
