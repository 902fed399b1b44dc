import type { Mesh, Server } from "../../mesh/mesh";
import type { Survey } from "./survey";

/** What keeps nobody from the mesh, and is good to know. */
export interface Note {
  servers: string[];
  message: string;
}

export function notesOn(server: Server, survey: Survey, mesh: Mesh): Note[] {
  const messages = [
    ...(survey.cloudInit === "running" ? ["cloud-init is at work there: an up waits for it"] : []),
    ...survey.limited.map(
      (port) =>
        `its ufw limits connections to ${port}: who opens more than five in 30 s is turned away, a pulumi up perhaps`,
    ),
    ...shadows(server, survey, mesh),
  ];
  return messages.map((message) => ({ servers: [server.name], message }));
}

/** The first line of a hosts file that has a name wins. */
function shadows(server: Server, { hosts }: Survey, { servers, domain }: Mesh): string[] {
  return servers.flatMap(({ name }) => {
    const names = name === server.name ? [`${name}.${domain}`] : [name, `${name}.${domain}`];
    const found = hosts.find((line) => line.names.some((each) => names.includes(each)));
    return found ? [`line ${found.line} of its /etc/hosts has ${name} as ${found.address}`] : [];
  });
}
