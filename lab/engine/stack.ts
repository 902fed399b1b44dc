import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { type Result, type RunOptions, run } from "../process";
import type { Engine } from "./engine";

export interface StackOptions {
  engine: Engine;
  name: string;
  /** The stack's own directory: state, config and passphrase. A later process can go on with it. */
  directory: string;
  /** The directory of the program's Pulumi.yaml; this repository by default. */
  program?: string;
  /** Wraps the CLI's command line, to run it elsewhere (in a lab's network). */
  command?: (argv: string[]) => string[];
  /** What the stack's secrets are encrypted with; a random one by default. */
  passphrase?: string;
}

export interface OperationOptions extends Pick<RunOptions, "allowFailure" | "onOutput" | "onStart" | "timeout"> {
  env?: NodeJS.ProcessEnv;
  /** Show what changes within each resource. */
  diff?: boolean;
  continueOnError?: boolean;
  /** Show a preview first, as a person at a terminal gets one. Default false. */
  withPreview?: boolean;
  /** Further arguments for the CLI. */
  args?: string[];
}

const repository = packageFile();

/** A stack of a Pulumi program, driven by the real CLI, with its state in a directory. */
export class Stack {
  readonly configFile: string;
  private readonly program: string;

  constructor(private readonly options: StackOptions) {
    this.configFile = path.join(options.directory, `Pulumi.${options.name}.yaml`);
    this.program = options.program ?? repository;
  }

  /** Replaces the stack's config. A value `{ secure: "…" }` is encrypted; all others may have any structure. */
  async setConfig(config: Record<string, unknown>): Promise<void> {
    await this.ensure();
    const secrets = Object.entries(config).filter(([, value]) => isSecure(value)) as [string, { secure: string }][];
    const plain = Object.fromEntries(Object.entries(config).filter(([, value]) => !isSecure(value)));
    const salt = /^encryptionsalt: .*$/m.exec(readFileSync(this.configFile, "utf8"))?.[0] ?? "";
    writeFileSync(this.configFile, `${salt}\nconfig: ${JSON.stringify(plain, undefined, 2)}\n`); // JSON is YAML
    for (const [key, { secure }] of secrets) {
      await this.ownCommand(["config", "set", "--secret", key], { input: secure });
    }
  }

  up(options: OperationOptions = {}): Promise<Result> {
    const preview = options.withPreview ? [] : ["--skip-preview"];
    return this.operation(["up", "--yes", ...preview], options);
  }

  preview(options: OperationOptions = {}): Promise<Result> {
    return this.operation(["preview"], options);
  }

  refresh(options: OperationOptions = {}): Promise<Result> {
    return this.operation(["refresh", "--yes", "--skip-preview"], options);
  }

  destroy(options: OperationOptions = {}): Promise<Result> {
    return this.operation(["destroy", "--yes", "--skip-preview"], options);
  }

  /** Releases the lock that a killed operation left, and removes the empty file that keeps Pulumi from reading its state. */
  async cancel(): Promise<void> {
    const attributes = `${this.stateFile}.attrs`;
    if (existsSync(attributes) && statSync(attributes).size === 0) rmSync(attributes);
    await this.ownCommand(["cancel", "--yes"]);
  }

  async outputs(options: { showSecrets?: boolean } = {}): Promise<Record<string, unknown>> {
    const { stdout } = await this.ownCommand(["stack", "output", "--json", ...secretsFlag(options)]);
    return JSON.parse(stdout);
  }

  /** The stack's whole state; its secrets are encrypted unless asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: the CLI's own format, which tests look into
  async exportState(options: { showSecrets?: boolean } = {}): Promise<any> {
    const { stdout } = await this.ownCommand(["stack", "export", ...secretsFlag(options)]);
    return JSON.parse(stdout);
  }

  /** Runs a program that calls the CLI itself, as somebody who works on this stack. */
  async run(argv: string[], options: RunOptions = {}): Promise<Result> {
    await this.ensure();
    const command = this.options.command ?? ((wrapped: string[]) => wrapped);
    const env = { ...this.environment(), ...options.env };
    return run(command(argv), { ...options, cwd: this.options.directory, env });
  }

  /** Replaces the stack's state by an exported one, whose secrets have the same passphrase. */
  async importState(state: unknown): Promise<void> {
    await this.ownCommand(["stack", "import"], { input: JSON.stringify(state) });
  }

  /** Forgets the stack: its state, config and passphrase. What it made is not destroyed. */
  async remove(): Promise<void> {
    rmSync(this.options.directory, { recursive: true, force: true });
  }

  private async operation(argv: string[], options: OperationOptions): Promise<Result> {
    await this.ensure();
    const flags = ["--config-file", this.configFile];
    if (options.diff) flags.push("--diff");
    if (options.continueOnError) flags.push("--continue-on-error");
    return this.pulumi(this.program, [...argv, ...flags, ...(options.args ?? [])], options);
  }

  /** Runs a command that needs only the project's name, away from the program, whose own config stays untouched. */
  private async ownCommand(argv: string[], options: RunOptions = {}): Promise<Result> {
    await this.ensure();
    return this.pulumi(this.options.directory, argv, options);
  }

  private pulumi(project: string, argv: string[], options: RunOptions): Promise<Result> {
    const flags = ["--non-interactive", "--color", "never", "--stack", this.options.name];
    const { allowFailure, onOutput, onStart, timeout, input } = options;
    const command = this.options.command ?? ((wrapped: string[]) => wrapped);
    const env = { ...this.environment(), ...options.env };
    const line = ["pulumi", "-C", project, ...argv, ...flags];
    return run(command(line), { env, allowFailure, onOutput, onStart, timeout, input });
  }

  /** In which Pulumi's CLI finds this stack's state and passphrase. */
  environment(): NodeJS.ProcessEnv {
    return {
      ...this.options.engine.env,
      PULUMI_BACKEND_URL: `file://${path.join(this.options.directory, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: this.passphraseFile,
    };
  }

  /** Where Pulumi keeps the stack's state. */
  get stateFile(): string {
    const { directory, name } = this.options;
    return path.join(directory, "backend/.pulumi/stacks", this.projectName(), `${name}.json`);
  }

  private get passphraseFile(): string {
    return path.join(this.options.directory, "passphrase");
  }

  /** Makes the stack where it is not there yet; the config file is the last thing that comes into being. */
  private async ensure(): Promise<void> {
    if (existsSync(this.configFile)) return;
    const { directory, passphrase = randomBytes(24).toString("base64url") } = this.options;
    mkdirSync(path.join(directory, "backend"), { recursive: true });
    writeFileSync(this.passphraseFile, passphrase, { mode: 0o600 });
    writeFileSync(path.join(directory, "Pulumi.yaml"), `name: ${this.projectName()}\nruntime: nodejs\n`);
    await this.pulumi(directory, ["stack", "init", "--no-select", "--secrets-provider", "passphrase"], {});
  }

  private projectName(): string {
    const name = /^name: *(\S+)/m.exec(readFileSync(path.join(this.program, "Pulumi.yaml"), "utf8"))?.[1];
    if (!name) throw new Error(`${this.program}/Pulumi.yaml has no name`);
    return name;
  }
}

function isSecure(value: unknown): value is { secure: string } {
  return typeof value === "object" && value !== null && "secure" in value && Object.keys(value).length === 1;
}

function secretsFlag({ showSecrets }: { showSecrets?: boolean }): string[] {
  return showSecrets ? ["--show-secrets"] : [];
}
