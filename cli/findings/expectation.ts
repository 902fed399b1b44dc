import { createHash } from "node:crypto";
import { planOf } from "../../mesh/plan";
import type { StoredMesh } from "../stack/state";
import { confOf } from "./conf";

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
  const { hostProgram, hasPlan } = servers[name]!;
  const plan = planOf(mesh, name);
  const interfaces = hasPlan ? plan.interfaces : [];
  const hosts = plan.hosts.map(({ address, names }) => `${address} ${names.join(" ")}`);
  const forwarders = plan.services
    .filter(({ forward }) => forward === "socat")
    .flatMap((service) =>
      plan.addresses.map((address) => `fakevpc-${prefix}-${service.name}-${service.port}@${address}`),
    );
  const files: ExpectedFile[] = interfaces.map((each) => ({
    path: `/etc/wireguard/${each.name}.conf`,
    section: `conf ${each.name}`,
    lines: confOf(each, prefix),
  }));
  if (hasPlan) files.push({ path: "/etc/hosts", section: "hosts", lines: hosts });
  if (hostProgram !== undefined) {
    const path = `/var/lib/fakevpc/${prefix}/host.sh`;
    files.push({ path, section: "host.sh", lines: [`${sha256(hostProgram)}  -`] });
  }
  const units = [
    ...interfaces.map((each) => `wg-quick@${each.name}`),
    ...["firewall", "hosts"].map((unit) => `fakevpc-${prefix}-${unit}`),
    ...forwarders,
  ].map((unit) => `${unit}.service`);
  return {
    peers: plan.interfaces.flatMap((each) =>
      each.peers.map((peer) => ({
        name: peer.name,
        address: peer.allowedIps.replace("/32", ""),
        interface: each.name,
      })),
    ),
    interfaces: interfaces.map((each) => each.name),
    units: hasPlan ? [...units, `fakevpc-${prefix}-watch.timer`] : [],
    files,
    services: plan.services.map(({ name: service, port }) => ({ name: service, port })),
    missingSteps: [...(hostProgram === undefined ? ["host"] : []), ...(hasPlan ? [] : ["mesh"])],
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
