import { type Login, loginOf } from "../../mesh/login";
import { type Mesh, meshOf } from "../../mesh/mesh";
import { CommandError, exportStack } from "./pulumi";
import { restoredConfig, type ServerResources } from "./restored";
import { revealed } from "./secret";

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
  /** The host program that it was given, once it was. */
  hostProgram?: string;
  /** SHA-256 of the plan that it was given last, once it was. */
  planDigest?: string;
}

/** What the mesh tells of a server, as far as it is read here. */
interface ServerOutputs {
  publicKey: string;
  address6?: string;
}

export interface Resource {
  urn: string;
  type: string;
  parent?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

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

function storedMesh(vpc: Resource, all: Resource[]): StoredMesh {
  const name = nameOf(vpc);
  const names = Object.keys((revealed(vpc.inputs ?? {}) as { servers: object }).servers);
  const resources = Object.fromEntries(names.map((server) => [server, resourcesOf(vpc, `${name}-${server}`, all)]));
  const config = restoredConfig(vpc, resources);
  const outputs = revealed(vpc.outputs ?? {}) as { servers?: Record<string, ServerOutputs> };
  const mesh = meshOf({ ...config, network6: network6Of(config.network6, outputs.servers) });
  const servers = mesh.servers.map(({ name: server }) => {
    const { host, mesh: plan } = resources[server]!;
    const stored: StoredServer = {
      login: loginOf(config.servers[server]!, config.ssh),
      publicKey: outputs.servers?.[server]?.publicKey,
      hostProgram: revealed(host?.inputs?.stdin) as string | undefined,
      planDigest: /^fakevpc mesh sha256:(\w+)$/m.exec(String(revealed(plan?.outputs?.stdout)))?.[1],
    };
    return [server, stored] as const;
  });
  return { name, mesh, servers: Object.fromEntries(servers) };
}

/** What the mesh's id made of "auto", by the addresses that the stack put out; undefined before a first up has ended. */
function network6Of(network6: string | undefined, servers: Record<string, ServerOutputs> = {}): string | undefined {
  if (network6 !== "auto") return network6;
  const address = Object.values(servers).find(({ address6 }) => address6 !== undefined)?.address6;
  return address?.replace(/::\d+$/, "::/48");
}

/** The Commands of a server are grandchildren of the mesh, named after it, the server and the step. */
function resourcesOf(vpc: Resource, name: string, all: Resource[]): ServerResources {
  const component = all.find((resource) => resource.parent === vpc.urn && nameOf(resource) === name);
  const command = (step: string) =>
    all.find((resource) => component && resource.parent === component.urn && nameOf(resource) === `${name}-${step}`);
  return { component, host: command("host"), mesh: command("mesh") };
}

function nameOf({ urn }: Resource): string {
  return urn.split("::").pop()!;
}
