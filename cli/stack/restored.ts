import type { MeshConfig } from "../../mesh/config";
import { revealed } from "./secret";
import type { Resource } from "./state";

/** The resources of one server in a stack's state. */
export interface ServerResources {
  component?: Resource;
  host?: Resource;
  mesh?: Resource;
}

/**
 * The arguments of a mesh, put together from where the state has them: what is plain is in the inputs of FakeVpc, outputs of
 * other resources in what each server's component put out, and SSH's keys in the connection of its Commands.
 */
export function restoredConfig(vpc: Resource, servers: Record<string, ServerResources>): MeshConfig {
  const config = revealed(vpc.inputs ?? {}) as MeshConfig;
  for (const [name, { component, host, mesh }] of Object.entries(servers)) {
    const { args = {} } = revealed(component?.outputs ?? {}) as { args?: Record<string, unknown> };
    for (const [path, value] of Object.entries(args)) setAt(config, path, value);
    const server = config.servers[name]!;
    const connection = (revealed((mesh ?? host)?.inputs?.connection) ?? {}) as Connection;
    Object.assign(server, keysOf(connection, "sshPrivateKey", "sshPrivateKeyPassphrase"));
    const proxy = server.proxy ?? config.ssh?.proxy;
    if (proxy) server.proxy = { ...proxy, ...keysOf(connection.proxy, "privateKey", "privateKeyPassphrase") };
  }
  return config;
}

/** As the Command's provider calls it; undefined where it is still encrypted. */
interface Hop {
  privateKey?: string;
  privateKeyPassword?: string;
}
type Connection = Hop & { proxy?: Hop };

function keysOf(hop: Hop = {}, key: string, passphrase: string): Record<string, string> {
  const { privateKey, privateKeyPassword } = hop;
  if (privateKey === undefined) return {};
  return { [key]: privateKey, ...(privateKeyPassword !== undefined && { [passphrase]: privateKeyPassword }) };
}

// biome-ignore lint/suspicious/noExplicitAny: a path leads through values of any shape
function setAt(value: any, path: string, leaf: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  keys.reduce((inner, key) => {
    inner[key] ??= {};
    return inner[key];
  }, value)[last] = leaf;
}
