import type { Way } from "../mesh/mesh";
import type { FakeVpcArgs } from "./args";
import { isOutput } from "./known";

/** The paths of the settings that decide where a server is dialled that way: the default of one only where it may be needed. */
export function settingsOfPlace({ servers }: FakeVpcArgs, name: string, way: Way): string[] {
  const server = servers[name]!;
  const withDefault = (field: Way | "endpointPort", fallback: string) => {
    if (server[field] === undefined) return [fallback];
    return isOutput(server[field]) ? [field, fallback] : [field];
  };
  const port = way === "endpoint" ? withDefault("endpointPort", "wgPort") : ["wgPort"];
  return [...withDefault(way, "address"), ...port].map((field) => `servers.${name}.${field}`);
}
