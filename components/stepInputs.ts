import type * as pulumi from "@pulumi/pulumi";
import { wayTo } from "../mesh/mesh";
import { dialledBy, planOf, type ServerPlan } from "../mesh/plan";
import { renderHosts, renderInterfaces, renderServices } from "../mesh/render";
import type { CheckedArgs } from "./checkedArgs";
import type { MeshKeys } from "./meshKeys";

/** Standard input of each step of a server. One without services has no such step. */
export interface StepInputs {
  key: pulumi.Output<string>;
  interfaces: pulumi.Output<string>;
  hosts: pulumi.Output<string>;
  services?: pulumi.Output<string>;
}

/** A server's plan waits for what is in it and for no more, so that a preview shows all that is known. */
export function inputsOf(name: string, checked: CheckedArgs, keys: MeshKeys): StepInputs {
  const { mesh, args } = checked;
  const self = mesh.servers.find((server) => server.name === name)!;
  const dialled = dialledBy(mesh, name).flatMap((peer) => {
    const way = wayTo(peer, self)!;
    const place = args.servers[peer.name]![way] === undefined ? "address" : way;
    return [`servers.${peer.name}.${place}`, `servers.${peer.name}.wgPort`];
  });
  const known = checked.meshWith([]);
  const connected = checked.meshWith([`servers.${name}.wgPort`, ...dialled]);
  const rendered = (from: typeof known, render: (plan: ServerPlan) => string) =>
    from.apply((resolved) => render(planOf(resolved, name)));
  return {
    key: keys.of(name),
    interfaces: rendered(connected, renderInterfaces),
    hosts: rendered(known, renderHosts),
    ...(mesh.services.some(({ server }) => server === name) && { services: rendered(known, renderServices) }),
  };
}
