import * as pulumi from "@pulumi/pulumi";
import type { Mesh } from "../mesh/mesh";
import { ProblemsError } from "../mesh/problem";
import { checkMesh } from "../mesh/validate";
import type { FakeVpcArgs } from "./args";
import type { ServerSsh } from "./connection";
import { separate } from "./known";
import { enterMesh } from "./meshesOfProgram";
import { withSecrets } from "./secrets";

/** The arguments of a mesh, checked: what is known at once, and the outputs of other resources when they become known. */
export class CheckedArgs {
  /** The mesh as far as it is known now. */
  readonly mesh: Mesh;
  /** The arguments with every secret marked as one. */
  readonly args: FakeVpcArgs;
  private readonly known: unknown;
  private readonly later: Set<string>;

  constructor(name: string, args: FakeVpcArgs) {
    const { known, later } = separate(args);
    this.known = known;
    this.later = later;
    try {
      this.mesh = checkMesh(known, later);
      this.args = withSecrets(args);
      enterMesh(name, this.mesh);
    } catch (error) {
      throw error instanceof ProblemsError ? inputError(error) : error;
    }
  }

  /** The mesh once these paths are known too, and checked with them. */
  meshWith(paths: string[]): pulumi.Output<Mesh> {
    const awaited = paths.filter((path) => this.later.has(path));
    // Made from nothing: pulumi.output(mesh) would walk through all of it, for each server once more.
    if (awaited.length === 0) return pulumi.output(undefined).apply(() => this.mesh);
    const later = new Set([...this.later].filter((path) => !awaited.includes(path)));
    return pulumi.all(awaited.map((path) => valueAt(this.args, path))).apply((values) => {
      const config = structuredClone(this.known);
      awaited.forEach((path, at) => {
        setAt(config, path, values[at]);
      });
      try {
        return checkMesh(config, later);
      } catch (error) {
        throw error instanceof ProblemsError ? new pulumi.RunError(error.message) : error;
      }
    });
  }

  /** How SSH reaches a server; whatever of it is an output is checked before the first attempt. */
  sshOf(name: string): ServerSsh {
    const own = ["address", "endpoint", "lanAddress", "wgPort", "sshPort", "user", "hostKey"];
    const bastion = ["address", "user", "port", "hostKey"];
    const checked = this.meshWith([
      ...own.map((field) => `servers.${name}.${field}`),
      ...bastion.flatMap((field) => [`servers.${name}.proxy.${field}`, `ssh.proxy.${field}`]),
      "ssh.user",
      "ssh.port",
    ]);
    const server = this.args.servers[name]!;
    return {
      server,
      ssh: this.args.ssh ?? {},
      host: pulumi.all([checked, server.address]).apply(([, address]) => address),
    };
  }
}

function inputError({ message, problems }: ProblemsError): pulumi.InputPropertiesError {
  return new pulumi.InputPropertiesError({
    message: `the mesh cannot be built:\n${message}`,
    errors: problems.map(({ path, message }) => ({ propertyPath: path, reason: message })),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a path leads through values of any shape
function valueAt(value: any, path: string): unknown {
  return path.split(".").reduce((inner, key) => inner?.[key], value);
}

// biome-ignore lint/suspicious/noExplicitAny: a path leads through values of any shape
function setAt(value: any, path: string, leaf: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  keys.reduce((inner, key) => inner[key], value)[last] = leaf;
}
