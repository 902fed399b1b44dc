import type { Mesh, Server } from "../mesh";
import type { Problem } from "../problem";
import { overhead, relayedMtu, relayPort } from "../relay";

/** IPv6 needs this much of every link. */
const leastMtuOfIpv6 = 1280;

/** A relay is dialled by both ends, so it is public; and it hands on to a private server alone. */
export function relayProblems(mesh: Mesh): Problem[] {
  return [...mesh.servers.flatMap((server) => problemsOf(server, mesh)), ...mtuProblems(mesh)];
}

function problemsOf(server: Server, mesh: Mesh): Problem[] {
  const path = `servers.${server.name}.relay`;
  if (server.relays.length > 0 && server.public) {
    return [{ path, message: `${server.relays.join(", ")} cannot help: ${server.name} is public, and is dialled` }];
  }
  const names = mesh.servers.filter((other) => other.public).map(({ name }) => name);
  return server.relays.flatMap((name) => {
    const relay = mesh.servers.find((other) => other.name === name);
    if (!relay?.public) return [{ path, message: `"${name}" is not one of the public servers (${names.join(", ")})` }];
    return portProblems(path, server, relay, mesh);
  });
}

function portProblems(path: string, server: Server, relay: Server, mesh: Mesh): Problem[] {
  const port = relayPort(server);
  const service = mesh.services.find((each) => each.server === relay.name && each.port === port);
  const taken = relay.wgPort === port ? "WireGuard" : service && `the service ${service.name}`;
  return taken ? [{ path, message: `${relay.name} relays at port ${port}, where ${taken} listens already` }] : [];
}

function mtuProblems(mesh: Mesh): Problem[] {
  const isRelayed = mesh.servers.some(({ relays }) => relays.length > 0);
  if (!isRelayed || !mesh.network6 || relayedMtu(mesh) >= leastMtuOfIpv6) return [];
  const least = leastMtuOfIpv6 + overhead;
  return [
    {
      path: "mtu",
      message: `${mesh.mtu} leaves less than 1280 bytes behind a relay, which network6 needs: ${least} or more`,
    },
  ];
}
