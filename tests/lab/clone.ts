import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { type Result, run } from "../../lab/process";
import type { Lab } from "../../lab/servers/lab";
import { waitUntil } from "../../lab/wait";
import { testEngine } from "./support";

/** A clone of this repository in which "npm install" has run, without a stack yet, and an operator at its command line. */
export class Clone {
  static async make(lab: Lab): Promise<Clone> {
    const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-clone-"));
    for (const name of readdirSync(packageFile())) {
      if (name !== "Pulumi.yaml" && name !== "stacks") symlinkSync(packageFile(name), path.join(directory, name));
    }
    copyFileSync(packageFile("Pulumi.yaml"), path.join(directory, "Pulumi.yaml"));
    mkdirSync(path.join(directory, "state"));
    const { env } = await testEngine();
    const own = { PULUMI_BACKEND_URL: `file://${directory}/state`, PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
    return new Clone(lab, directory, { ...env, ...own });
  }

  private constructor(
    private readonly lab: Lab,
    readonly directory: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** The stack's config as it is written. */
  get config(): string {
    return readFileSync(path.join(this.directory, "stacks/Pulumi.prod.yaml"), "utf8");
  }

  get hasConfig(): boolean {
    return readdirSync(this.directory).includes("stacks");
  }

  /** A command of the operator's, in the lab's network; in the clone unless another directory is given. */
  run(argv: string[], cwd = this.directory): Promise<Result> {
    return run(this.lab.command(argv), { cwd, env: this.env, allowFailure: true, timeout: 300_000 });
  }

  fakevpc(...argv: string[]): Promise<Result> {
    return this.fakevpcIn(this.directory, ...argv);
  }

  fakevpcIn(directory: string, ...argv: string[]): Promise<Result> {
    return this.run([process.execPath, packageFile("dist/cli/main.js"), ...argv], directory);
  }

  /** `pulumi up`, until status finds so many servers and all of them well: a link that was tried too early takes seconds. */
  async up(servers: number): Promise<void> {
    await succeeds(this.run(["pulumi", "up", "--yes", "--non-interactive"]));
    let last = "";
    const isWell = async () => {
      const { code, stdout, stderr } = await this.fakevpc("status");
      last = stdout + stderr;
      return code === 0 && stdout.includes(`${servers} servers`);
    };
    await waitUntil(isWell, 60, "a mesh that is well").catch((error: Error) =>
      assert.fail(`${error.message}: ${last}`),
    );
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What a command that ended with 0 printed. */
export async function succeeds(result: Promise<Result>): Promise<string> {
  const { code, stdout, stderr } = await result;
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** A command refuses with a sentence for people. */
export async function fails(result: Promise<Result>, message: RegExp): Promise<void> {
  const { code, stderr } = await result;
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, / {4}at /, "no stack trace");
}
