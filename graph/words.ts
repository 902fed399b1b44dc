import { addressSeen, rangeOf, withPort } from "../mesh/addresses";
import { endpointOf, type Mesh, type Server, type Way } from "../mesh/mesh";

/** What a picture says below a server's name: where it is dialled, and the address that it listens on in the mesh. */
export function placeOf({ servers, offset }: Mesh, server: Server): string[] {
  const dialled = server.public
    ? placeAt(server, "endpoint")
    : server.inLan && server.site !== undefined
      ? `${placeAt(server, "lanAddress")} in ${server.site}`
      : "private: dials only";
  // Nobody dials the last one.
  return server === servers.at(-1)
    ? [dialled]
    : [dialled, `mesh ${rangeOf(offset, server.index).replace(".0/24", ".1")}`];
}

function placeAt(server: Server, way: Way): string {
  const { host, port } = endpointOf(server, way);
  return host === undefined || port === undefined ? "endpoint not known" : withPort(host, port);
}

/** The address of a dialling server on its link to a listening one. */
export function ownAddress({ offset }: Mesh, dialler: Server, listener: Server): string {
  return addressSeen(offset, dialler.index, listener.index);
}
