import type { Login } from "../../mesh/login";
import type { Mesh, Server } from "../../mesh/mesh";
import { relaysOn } from "../../mesh/relay";
import type { Finding } from "../findings/finding";
import { rangeFindings } from "./rangeFindings";
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
    ...(mesh.network6 && !system.has("ipv6")
      ? [
          finding(
            "system",
            "IPv6 is switched off there, and network6 needs it",
            "switch it on (net.ipv6.conf.all.disable_ipv6=0, also in /etc/sysctl.d), or leave network6 out",
          ),
        ]
      : []),
    ...full.map(([place, free]) =>
      finding("disk", `${place} has ${free} MB left`, `make room there: ${neededSpace} MB are enough`),
    ),
    ...rangeFindings(server, survey, mesh, finding),
    ...takenFindings(server, survey, mesh, finding),
  ];
}

export type Make = (kind: Finding["kind"], message: string, remedy: string) => Finding;

/** What the mesh needs, apart from WireGuard itself. */
const programs = ["ip", "ss", "wg", "wg-quick", "nft", "socat", "awk", "cmp", "flock", "sha256sum"];

/** apt-get installs what is missing; without it all has to be there. */
function programFindings({ system, release }: Survey, finding: Make): Finding[] {
  const missing = programs.filter((program) => !system.has(program));
  if (system.has("apt-get") || missing.length === 0) return [];
  const message = `there is no apt-get (${release}), and of the programs that the mesh needs these are missing: ${missing.join(", ")}`;
  return [finding("system", message, "install them there by its own package manager")];
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
    ...relaysOn(mesh, server)
      .filter((relay) => survey.listening.has(relay.port) && !isOurs)
      .map((relay) =>
        finding(
          "taken",
          `UDP port ${relay.port} is in use there, where it is to hand on to ${relay.to}`,
          `stop what listens there, or take ${server.name} out of the relay of ${relay.to}`,
        ),
      ),
  ];
}
