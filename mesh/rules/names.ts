import { endpointOf, type Mesh, type Server, type Way, wayFromTo } from "../mesh";
import { type Problem, show } from "../problem";

/**
 * A name that the mesh itself puts into each server's /etc/hosts leads into the mesh there: a tunnel that dials it dials
 * itself. This is told where a peer does so.
 */
export function nameProblems(mesh: Mesh): Problem[] {
  const isOwn = ownNames(mesh);
  return mesh.servers.flatMap((server) => {
    const ways = new Set(
      mesh.servers.filter(({ index }) => index > server.index).map((peer) => wayFromTo(peer, server)),
    );
    const found = [...ways].flatMap((way) => (way && isOwn(server, way) ? [way] : []));
    return found.map((way) => ({
      path: settingOf(server, way),
      message: `${show(server[way])} is a name that the mesh itself gives, and leads into it: give an IP address as ${way}, or take another domain`,
    }));
  });
}

/** The same where no peer dials it, as it is only by SSH that the name is used. */
export function nameWarnings(mesh: Mesh): Problem[] {
  const told = new Set(nameProblems(mesh).map(({ path }) => path));
  const isOwn = ownNames(mesh);
  return mesh.servers.flatMap((server) => {
    const fields = (["address", "endpoint"] as const).filter((field) => isOwn(server, field));
    const paths = [...new Set(fields.map((field) => settingOf(server, field)))].filter((path) => !told.has(path));
    return paths.map((path) => ({
      path,
      message: `${show(server[path.endsWith("address") ? "address" : "endpoint"])} is a name that the mesh itself gives: on its servers it leads into the mesh`,
    }));
  });
}

/** Tells whether a server is reached by a name that the mesh gives. */
function ownNames({ servers, domain }: Mesh): (server: Server, field: "address" | Way) => boolean {
  const names = new Set(servers.flatMap(({ name }) => [name, `${name}.${domain}`]).map((name) => name.toLowerCase()));
  return (server, field) => {
    const host = field === "address" ? server.address : endpointOf(server, field).host;
    return host !== undefined && names.has(host.toLowerCase());
  };
}

/** The setting that a server's place comes from. */
function settingOf({ name, address, endpoint, lanAddress }: Server, field: "address" | Way): string {
  const place = { address, endpoint, lanAddress }[field];
  return `servers.${name}.${place === address ? "address" : field}`;
}
