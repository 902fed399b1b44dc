import { addressSeen, rangeOf, withPort } from "../mesh/addresses";
import { endpointOf, type Mesh, type Server, type Way } from "../mesh/mesh";
import { stableAddress } from "../mesh/network";
import { isRelayed } from "../mesh/relay";

/** What a picture says below a server's name: where it is dialled, and its addresses in the mesh. */
export function placeOf({ servers, offset, network }: Mesh, server: Server): string[] {
  const dialled = server.public
    ? placeAt(server, "endpoint")
    : server.inLan && server.site !== undefined
      ? `${placeAt(server, "lanAddress")} in ${server.site}`
      : "private: dials only";
  const stable = network ? [stableAddress(network, server.index)] : [];
  // Nobody dials the last one.
  const listening = server === servers.at(-1) ? [] : [`mesh ${rangeOf(offset, server.index).replace(".0/24", ".1")}`];
  return [dialled, ...stable, ...listening];
}

function placeAt(server: Server, way: Way): string {
  const { host, port } = endpointOf(server, way);
  return host === undefined || port === undefined ? "endpoint not known" : withPort(host, port);
}

/** The address of a dialling server on its link to a listening one, and the relay by which it goes first. */
export function linkWords({ offset }: Mesh, dialler: Server, listener: Server): string {
  const address = addressSeen(offset, dialler.index, listener.index);
  return isRelayed(listener, dialler) ? `${address} by ${listener.relays[0]}` : address;
}
