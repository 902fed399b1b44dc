import * as pulumi from "@pulumi/pulumi";
import { type Mesh, wayFromTo } from "../mesh/mesh";
import { networkFromId } from "../mesh/network";
import { dialledBy, planOf } from "../mesh/plan";
import { relaysOn } from "../mesh/relay";
import { type PlanTexts, renderStdin, renderTexts, renderValues } from "../mesh/render";
import type { CheckedArgs } from "./checkedArgs";
import type { MeshKeys } from "./meshKeys";
import { settingsOfPlace } from "./places";

/** What a server is to have: in clear as its component's inputs, and whole as its standard input. */
export interface ServerTexts {
  texts: PlanTexts;
  /** A secret. It waits for what is in it and for no more. */
  stdin: pulumi.Output<string>;
}

export function textsOf(name: string, checked: CheckedArgs, keys: MeshKeys): ServerTexts {
  const plan = planOf(checked.mesh, name);
  const texts = renderTexts(plan);
  const values = checked.withMesh(checked.isKnown ? [] : placesIn(name, checked), (mesh) =>
    renderValues(plan, mesh === checked.mesh ? plan : planOf(mesh, name)),
  );
  const stdin = pulumi
    .all([keys.meshId, keys.of(name), values])
    .apply(([meshId, ownKeys, ownValues]) =>
      renderStdin(meshId, ownKeys, `${ownValues}${networkValue(checked.mesh, meshId)}`, texts),
    );
  return { texts, stdin };
}

/** The value of the placeholder for a network that is made of the mesh's id. */
function networkValue({ network6 }: Mesh, meshId: string): string {
  return network6 === "auto" ? `network6=${networkFromId(meshId).slice(0, -"/48".length)}\n` : "";
}

/** The paths of the values that a server's plan has. */
function placesIn(name: string, { mesh, args }: CheckedArgs): string[] {
  const self = mesh.servers.find((server) => server.name === name)!;
  const dialled = dialledBy(mesh, name).flatMap((peer) => {
    const way = wayFromTo(self, peer);
    return way ? settingsOfPlace(args, peer.name, way) : []; // a relay's address in the mesh is known
  });
  const relayed = relaysOn(mesh, self).map(({ to }) => `servers.${to}.wgPort`);
  return [`servers.${name}.wgPort`, ...dialled, ...relayed];
}
