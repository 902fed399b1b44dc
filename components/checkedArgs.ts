import * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../mesh/config";
import { needsAgent } from "../mesh/keyPlaces";
import type { Mesh } from "../mesh/mesh";
import { type Problem, ProblemsError } from "../mesh/problem";
import { shapeOf } from "../mesh/shape";
import { checkMesh, warningsOf } from "../mesh/validate";
import type { FakeVpcArgs } from "./args";
import type { ServerSsh } from "./connection";
import { givenArgs, separate } from "./known";
import { enterMesh } from "./meshesOfProgram";
import { agentWarning } from "./operator/agent";
import { KeyFiles } from "./operator/keyFiles";
import { withSecrets } from "./secrets";

/** The arguments of a mesh, checked: what is known at once, and the outputs of other resources when they become known. */
export class CheckedArgs {
  /** The mesh as far as it is known now. */
  readonly mesh: Mesh;
  /** The arguments with every secret marked as one. */
  readonly args: FakeVpcArgs;
  /** What is no mistake for certain. */
  readonly warnings: Problem[];
  private readonly known: MeshConfig;
  private readonly later: Set<string>;
  private readonly keyFiles = new KeyFiles();
  /** Settles once the ssh-agent has been looked at. */
  private readonly agent: Promise<void>;

  constructor(name: string, args: FakeVpcArgs) {
    const { known, later } = separate(args);
    this.known = known as MeshConfig;
    this.later = later;
    try {
      this.mesh = this.check(this.known, later);
      this.args = withSecrets(givenArgs(args), this.keyFiles.contentOf);
      this.warnings = [...warningsOf(this.mesh, this.known), ...this.keyFiles.warningsOf(this.known)];
      enterMesh(name, this.mesh);
    } catch (error) {
      throw error instanceof ProblemsError ? inputError(error) : error;
    }
    this.agent = agentWarning(needsAgent(this.args)).then((warning) => {
      if (warning) pulumi.log.warn(warning);
    });
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
        return this.check(config, later);
      } catch (error) {
        throw error instanceof ProblemsError ? new pulumi.RunError(error.message) : error;
      }
    });
  }

  /** How SSH reaches a server; whatever of it is an output is checked before the first attempt. */
  sshOf(name: string): ServerSsh {
    const own = ["address", "endpoint", "endpointPort", "lanAddress", "wgPort", "sshPort", "user", "hostKey"];
    const keys = ["privateKey", "privateKeyPassphrase"];
    const bastion = ["address", "user", "port", "hostKey", ...keys];
    const checked = this.meshWith([
      ...[...own, "sshPrivateKey", "sshPrivateKeyPassphrase"].map((field) => `servers.${name}.${field}`),
      ...bastion.flatMap((field) => [`servers.${name}.proxy.${field}`, `ssh.proxy.${field}`]),
      ...["user", "port", ...keys].map((field) => `ssh.${field}`),
    ]);
    const server = this.args.servers[name]!;
    return {
      server,
      ssh: this.args.ssh ?? {},
      host: pulumi.all([checked, server.address, this.agent]).apply(([, address]) => address),
    };
  }

  /** The mesh of a config; throws all that is wrong with it, on the operator's machine too. */
  private check(config: MeshConfig, later: ReadonlySet<string>): Mesh {
    const problems: Problem[] = [];
    let mesh: Mesh | undefined;
    try {
      mesh = checkMesh(config, later);
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems);
    }
    const { usable, problems: wrong } = shapeOf(config, later);
    const unknown = new Set([...later, ...wrong.map(({ path }) => path)]);
    if (usable) problems.push(...this.keyFiles.problemsOf(usable, unknown));
    if (problems.length > 0) throw new ProblemsError(problems);
    return mesh!;
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

/** An output that is null in the end was not given. */
// biome-ignore lint/suspicious/noExplicitAny: a path leads through values of any shape
function setAt(value: any, path: string, leaf: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  const place = keys.reduce((inner, key) => inner[key], value);
  if (leaf === null || leaf === undefined) delete place[last];
  else place[last] = leaf;
}
