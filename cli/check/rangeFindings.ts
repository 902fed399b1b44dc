import { rangeOf } from "../../mesh/addresses";
import type { Mesh, Server } from "../../mesh/mesh";
import { stableAddress, stableAddress6, stableRange, stableRange6 } from "../../mesh/network";
import type { Finding } from "../findings/finding";
import { overlap } from "./networks";
import type { Make } from "./serverFindings";
import type { Survey } from "./survey";

/** What takes the traffic for all addresses in it, on this server. */
interface Range {
  network: string;
  /** How a message calls it. */
  what: string;
  remedy: string;
}

/** A range of the mesh must hold neither a network of the server's own nor whom it has to reach. */
export function rangeFindings(server: Server, survey: Survey, mesh: Mesh, finding: Make): Finding[] {
  // What a mesh that is there has put on lo is the mesh's own.
  const ours = [
    ...(mesh.network ? [stableAddress(mesh.network, server.index)] : []),
    ...(fixed6(mesh) ? [stableAddress6(fixed6(mesh)!, server.index)] : []),
  ];
  const own = survey.networks.filter(
    (each) => !survey.ours.has(each.interface) && !ours.includes(each.network.split("/")[0]!),
  );
  return rangesOn(server, mesh).flatMap(({ network, what, remedy }) => {
    const found = own.find((each) => overlap(network, each.network));
    const need = survey.needs.find(({ address }) => overlap(network, address));
    if (found) {
      return [finding("range", `${what} overlaps its own network ${found.network} on ${found.interface}`, remedy)];
    }
    return need ? [finding("range", `${what} holds ${need.address}, ${need.what}`, remedy)] : [];
  });
}

function rangesOn(server: Server, mesh: Mesh): Range[] {
  const listeners = mesh.servers.filter(({ index }) => index <= server.index);
  const pairs = listeners.map((listener) => {
    const network = rangeOf(mesh.offset, listener.index);
    return { network, what: network, remedy: "choose another ifaceIpOffset" };
  });
  const network6 = fixed6(mesh);
  // Who is in such a network itself needs nobody for it.
  const behind = mesh.servers.filter(
    (other) => other !== server && (other.site === undefined || other.site !== server.site),
  );
  return [
    ...pairs,
    ...(mesh.network
      ? [
          {
            network: stableRange(mesh.network),
            what: `${stableRange(mesh.network)}, of the mesh's network,`,
            remedy: "choose another network",
          },
        ]
      : []),
    ...(network6
      ? [
          {
            network: stableRange6(network6),
            what: `${network6}, the mesh's network6,`,
            remedy: "choose another network6",
          },
        ]
      : []),
    ...behind.flatMap(({ name, routes }) =>
      routes.map((network) => ({
        network,
        what: `${network}, a network behind ${name},`,
        remedy: `take it out of the routes of ${name}, or give one of the two networks other addresses`,
      })),
    ),
  ];
}

/** The one that the mesh's id leads to is nobody's. */
function fixed6({ network6 }: Mesh): string | undefined {
  return network6 === "auto" ? undefined : network6;
}
