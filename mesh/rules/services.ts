import type { Mesh } from "../mesh";
import { type Problem, show } from "../problem";

/** `servers` are the names that services may run on. */
export function serviceProblems(mesh: Mesh, servers: string[]): Problem[] {
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

/** The kernel forwards nothing that comes for an IPv6 address to 127.0.0.1, nor to ::1. */
export function serviceWarnings({ services, network6 }: Mesh): Problem[] {
  if (!network6) return [];
  const message =
    "nftables forwards at IPv4 addresses alone: at the address of network6 the service has to listen itself";
  return services
    .filter(({ forward }) => forward === "nftables")
    .map(({ name }) => ({ path: `services.${name}.forward`, message }));
}
