import * as pulumi from "@pulumi/pulumi";
import { wayTo } from "../mesh/mesh";
import { dialledBy, planOf } from "../mesh/plan";
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
  const values = checked.meshWith(placesIn(name, checked)).apply((mesh) => renderValues(plan, planOf(mesh, name)));
  const stdin = pulumi
    .all([keys.meshId, keys.of(name), values])
    .apply(([meshId, ownKeys, ownValues]) => renderStdin(meshId, ownKeys, ownValues, texts));
  return { texts, stdin };
}

/** The paths of the values that a server's plan has. */
function placesIn(name: string, { mesh, args }: CheckedArgs): string[] {
  const self = mesh.servers.find((server) => server.name === name)!;
  const dialled = dialledBy(mesh, name).flatMap((peer) => settingsOfPlace(args, peer.name, wayTo(peer, self)!));
  return [`servers.${name}.wgPort`, ...dialled];
}
