import * as path from "node:path";
import { packageFile } from "../components/packageFile";
import { cacheDirectory } from "../lab/cache";
import { type Engine, ensureEngine } from "../lab/engine/engine";
import { Stack } from "../lab/engine/stack";
import { ensureNeeds } from "../lab/needs";
import { type Result, type RunOptions, run } from "../lab/process";

const program = packageFile("examples/vms");

/** The example of virtual machines in `examples/vms`: its program as a stack, and its machines. */
export class VmsExample {
  private constructor(readonly stack: Stack) {}

  /** Installs and compiles what it needs. The stack's own directory is also that of its state. */
  static async prepare(name: string, directory: string, log: (line: string) => void): Promise<VmsExample> {
    const onOutput = (text: string) => log(text.trimEnd());
    await ensureNeeds(["vms"], log);
    await run(["sh", path.join(program, "prepare.sh")], { onOutput });
    const engine: Engine = await ensureEngine(log);
    return new VmsExample(new Stack({ engine, name, directory, program }));
  }

  /** Runs the program with this config; what several stacks share is kept in the cache. */
  async configure(config: Record<string, unknown>): Promise<void> {
    const entries = Object.entries({ directory: cacheDirectory("vms"), ...config });
    await this.stack.setConfig(Object.fromEntries(entries.map(([key, value]) => [`vms:${key}`, value])));
  }

  /** The machines, as somebody who logs in sees them. */
  async machines(): Promise<Machine[]> {
    const { sshConfig, servers } = await this.stack.outputs();
    return Object.keys(servers as object).map((name) => new Machine(name, sshConfig as string));
  }
}

/** A machine, by SSH as the user ubuntu. */
export class Machine {
  constructor(
    readonly name: string,
    private readonly sshConfig: string,
  ) {}

  /** What a person types to log in. */
  get login(): string[] {
    return ["ssh", "-F", this.sshConfig, this.name];
  }

  exec(argv: string[], options?: RunOptions): Promise<Result> {
    const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    return run([...this.login, quoted], options);
  }
}
