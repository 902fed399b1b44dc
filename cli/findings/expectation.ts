import { createHash } from "node:crypto";
import { planOf } from "../../mesh/plan";
import { sectionsOf } from "../server/sections";
import type { StoredMesh } from "../stack/state";

/** What the stack says that a server has. */
export interface Expectation {
  peers: { name: string; address: string; interface: string }[];
  interfaces: string[];
  units: string[];
  files: ExpectedFile[];
  /** Ports on 127.0.0.1. */
  services: { name: string; port: number }[];
  /** The steps that the stack has no record of. */
  missingSteps: string[];
}

export interface ExpectedFile {
  path: string;
  /** The section of the server's answer that has it. */
  section: string;
  lines: string[];
}

export function expectationOf({ mesh, servers }: StoredMesh, name: string): Expectation {
  const { prefix } = mesh;
  const { stdin } = servers[name]!;
  const plan = planOf(mesh, name);
  const interfaces = sectionsOf(stdin.interfaces ?? "");
  const services = sectionsOf(stdin.services ?? "");
  const confs = [...interfaces.keys()].filter((section) => section.endsWith(".conf"));
  const forwarders = (services.get("socat") ?? []).map((line) => line.split(" ") as [string, string, string]);
  const home = `/var/lib/fakevpc/${prefix}`;

  const files: ExpectedFile[] = [];
  const expect = (path: string, section: string, lines: string[] | undefined) => {
    if (lines !== undefined && lines.length > 0) files.push({ path, section, lines });
  };
  for (const conf of confs) expect(`/etc/wireguard/${conf}`, `conf ${conf.slice(0, -5)}`, interfaces.get(conf));
  expect("/etc/hosts", "hosts", stdin.hosts?.trimEnd().split("\n"));
  expect(`${home}/firewall/guard.nft`, "guard.nft", interfaces.get("guard.nft"));
  expect(`${home}/firewall/forward.nft`, "forward.nft", services.get("forward.nft"));
  expect(`${home}/host.sh`, "host.sh", stdin.packages === undefined ? undefined : [`${sha256(stdin.packages)}  -`]);

  const steps = ["packages", "interfaces", "hosts", ...(plan.services.length > 0 ? ["services"] : [])];
  return {
    peers: plan.interfaces.flatMap((each) =>
      each.peers.map((peer) => ({
        name: peer.name,
        address: peer.allowedIps.replace("/32", ""),
        interface: each.name,
      })),
    ),
    interfaces: confs.map((conf) => conf.slice(0, -5)),
    units: [
      ...confs.map((conf) => `wg-quick@${conf.slice(0, -5)}.service`),
      ...(interfaces.has("names") ? [`fakevpc-${prefix}-watch.timer`] : []),
      ...(interfaces.has("guard.nft") ? [`fakevpc-${prefix}-firewall.service`] : []),
      ...(stdin.hosts === undefined ? [] : [`fakevpc-${prefix}-hosts.service`]),
      ...forwarders.map(([service, port, address]) => `fakevpc-${prefix}-${service}-${port}@${address}.service`),
    ],
    files,
    services: plan.services.map(({ name: service, port }) => ({ name: service, port })),
    missingSteps: steps.filter((step) => stdin[step] === undefined),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
