import { addressSeen, rangeOf, withPort } from "./addresses";
import type { Mesh, Server } from "./mesh";

/** What a picture says below a server's name: where it is dialled, and the address that it listens on in the mesh. */
export function placeOf({ servers, offset }: Mesh, server: Server): string[] {
  const known = server.endpoint !== undefined && server.wgPort !== undefined;
  const endpoint = known ? withPort(server.endpoint!, server.wgPort!) : "endpoint not known";
  const dialled = server.public ? endpoint : "private: dials only";
  // Nobody dials the last one.
  return server === servers.at(-1)
    ? [dialled]
    : [dialled, `mesh ${rangeOf(offset, server.index).replace(".0/24", ".1")}`];
}

/** The address of a dialling server on its link to a listening one. */
export function ownAddress({ offset }: Mesh, dialler: Server, listener: Server): string {
  return addressSeen(offset, dialler.index, listener.index);
}
