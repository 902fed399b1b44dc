import * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../mesh/config";
import { needsAgent } from "../mesh/keyPlaces";
import type { Mesh } from "../mesh/mesh";
import { type Problem, ProblemsError } from "../mesh/problem";
import { shapeOf } from "../mesh/shape";
import { checkMesh, warningsOf } from "../mesh/validate";
import type { FakeVpcArgs } from "./args";
import type { ServerSsh } from "./connection";
import { inputError } from "./inputError";
import { givenArgs, splitKnown } from "./known";
import { agentWarning } from "./operator/agent";
import { KeyFiles } from "./operator/keyFiles";
import { outputPathsOf } from "./outputFields";
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
  private readonly unknownPaths: Set<string>;
  private readonly keyFiles = new KeyFiles();
  /** Settles once the ssh-agent has been looked at. */
  private readonly agent: Promise<void>;

  constructor(args: FakeVpcArgs) {
    const { known, unknownPaths } = splitKnown(args);
    this.known = known as MeshConfig;
    this.unknownPaths = unknownPaths;
    try {
      this.mesh = this.check(this.known, unknownPaths);
      this.args = withSecrets(givenArgs(args), this.keyFiles.contentOf);
      this.warnings = [...warningsOf(this.mesh, this.known), ...this.keyFiles.warningsOf(this.known)];
    } catch (error) {
      throw error instanceof ProblemsError ? inputError(error) : error;
    }
    this.agent = agentWarning(needsAgent(this.args)).then((warning) => {
      if (warning) pulumi.log.warn(warning);
    });
  }

  /** Whether all that the arguments say is known already. */
  get isKnown(): boolean {
    return this.unknownPaths.size === 0;
  }

  /**
   * What is made of the mesh once these paths are known too, and checked with them. The mesh itself is in no output, as
   * Pulumi walks through all that an output holds.
   */
  withMesh<T>(paths: string[], use: (mesh: Mesh) => T): pulumi.Output<T> {
    const awaited = paths.filter((path) => this.unknownPaths.has(path));
    if (awaited.length === 0) return pulumi.output(undefined).apply(() => use(this.mesh)) as pulumi.Output<T>;
    const unknownPaths = new Set([...this.unknownPaths].filter((path) => !awaited.includes(path)));
    return pulumi.all(awaited.map((path) => valueAt(this.args, path))).apply((values) => {
      const config = structuredClone(this.known);
      awaited.forEach((path, at) => {
        setAt(config, path, values[at]);
      });
      let mesh: Mesh;
      try {
        mesh = this.check(config, unknownPaths);
      } catch (error) {
        throw error instanceof ProblemsError ? new pulumi.RunError(error.message) : error;
      }
      return use(mesh);
    }) as pulumi.Output<T>;
  }

  /** How SSH reaches a server; whatever of it is an output is checked before the first attempt. */
  sshOf(name: string): ServerSsh {
    const checked = this.withMesh(outputPathsOf(name), () => undefined);
    const server = this.args.servers[name]!;
    return {
      server,
      ssh: this.args.ssh ?? {},
      host: pulumi.all([checked, server.address, this.agent]).apply(([, address]) => address),
    };
  }

  /** The mesh of a config; throws all that is wrong with it, on the operator's machine too. */
  private check(config: MeshConfig, unknownPaths: ReadonlySet<string>): Mesh {
    const problems: Problem[] = [];
    let mesh: Mesh | undefined;
    try {
      mesh = checkMesh(config, unknownPaths);
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems);
    }
    const { usable, problems: wrong } = shapeOf(config, unknownPaths);
    const unknown = new Set([...unknownPaths, ...wrong.map(({ path }) => path)]);
    if (usable) problems.push(...this.keyFiles.problemsOf(usable, unknown));
    if (problems.length > 0) throw new ProblemsError(problems);
    return mesh!;
  }
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
