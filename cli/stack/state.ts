import type { MeshConfig } from "../../mesh/config";
import { type Login, loginOf } from "../../mesh/login";
import { type Mesh, meshOf } from "../../mesh/mesh";
import { CommandError, exportStack } from "./pulumi";

/** A mesh as the stack's state has it: what was asked for, and what each server was told. */
export interface StoredMesh {
  /** The name of the FakeVpc. */
  name: string;
  mesh: Mesh;
  servers: Record<string, StoredServer>;
}

export interface StoredServer {
  login: Login;
  /** Known once it was part of a finished `pulumi up`. */
  publicKey?: string;
  /** Standard input of each step that has run, by step; but not of "key", which is secret. */
  stdin: Record<string, string>;
}

interface Resource {
  urn: string;
  type: string;
  parent?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

const secretMark = "4dabf18193072939515e22adb298388d";

export interface Wanted {
  /** The name of the one FakeVpc; all of the stack by default. */
  mesh?: string;
  /** Without the stack's secrets, SSH's keys are not among what is known. */
  showSecrets: boolean;
}

/** The meshes of a stack, one at least. */
export function storedMeshes(stack: string | undefined, { mesh, showSecrets }: Wanted): StoredMesh[] {
  const meshes = meshesOf(exportStack(stack, { showSecrets }));
  if (meshes.length === 0) throw new CommandError('the stack has no FakeVpc: run "pulumi up" first');
  const found = meshes.filter(({ name }) => mesh === undefined || name === mesh);
  if (found.length > 0) return found;
  throw new CommandError(`the stack has no FakeVpc "${mesh}", but ${meshes.map(({ name }) => name).join(", ")}`);
}

/** Every FakeVpc of an exported stack, found by its type: any program may have made it. */
export function meshesOf(exported: unknown): StoredMesh[] {
  const deployment = (exported as { deployment?: { resources?: Resource[] } | null }).deployment;
  const resources = (deployment?.resources ?? []).filter((resource) => !resource.delete);
  return resources
    .filter(({ type }) => type === "fakevpc:index:FakeVpc")
    .map((resource) => storedMesh(resource, resources));
}

function storedMesh(vpc: Resource, resources: Resource[]): StoredMesh {
  const name = nameOf(vpc);
  const config = revealed(vpc.inputs) as MeshConfig;
  const outputs = revealed(vpc.outputs ?? {}) as { servers?: Record<string, { publicKey: string }> };
  const mesh = meshOf(config);
  const servers = mesh.servers.map(({ name: server }) => {
    const stored: StoredServer = {
      login: loginOf(config.servers[server]!, config.ssh),
      publicKey: outputs.servers?.[server]?.publicKey,
      stdin: stdinOf(vpc, `${name}-${server}`, resources),
    };
    return [server, stored] as const;
  });
  return { name, mesh, servers: Object.fromEntries(servers) };
}

/** The Commands of a server are grandchildren of the mesh, named after it, the server and the step. */
function stdinOf(vpc: Resource, prefix: string, resources: Resource[]): StoredServer["stdin"] {
  const parent = resources.find((resource) => resource.parent === vpc.urn && nameOf(resource) === prefix);
  const commands = resources.filter((resource) => parent && resource.parent === parent.urn);
  const entries = commands
    .map((command) => [nameOf(command).slice(prefix.length + 1), revealed(command.inputs?.stdin)] as const)
    .filter(([step, stdin]) => step !== "key" && typeof stdin === "string");
  return Object.fromEntries(entries) as StoredServer["stdin"];
}

function nameOf({ urn }: Resource): string {
  return urn.split("::").pop()!;
}

/** A value without the marks of secrets. What is still encrypted is left out. */
function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revealed);
  const { plaintext, ...rest } = value as Record<string, unknown>;
  if (secretMark in rest) return typeof plaintext === "string" ? revealed(JSON.parse(plaintext)) : undefined;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}
