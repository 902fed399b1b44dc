import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { run } from "../process";
import { install } from "./install";
import { findOnPath, programs, version } from "./programs";
import type { Log, Source } from "./source";

const packages: Record<string, string> = {
  pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  "pulumi-language-nodejs": "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
  "pulumi-language-python": "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
  "pulumi-packages": ".", // it lies beside its go.mod
  "pulumi-language-yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
};
// The version that the CLI reports; the Automation API refuses a CLI without one.
const linkerFlags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;

/** Built from the Go modules. */
export function compiled(directory: string): Source {
  return {
    found: "compiled from its Go modules",
    async find(log) {
      return install(directory, async (beside) => {
        for (const program of programs) await compile(program, beside, log);
      });
    },
  };
}

/** Compiles one program into a directory. Returns the directory of its source. */
export async function compile(program: string, directory: string, log: Log): Promise<string> {
  if (!findOnPath("go")) throw new Error("no Go to compile it with (install Go 1.25 or newer)");
  log(`compiling ${program} (the CLI takes about 10 minutes, once)`);
  const work = mkdtempSync(path.join(tmpdir(), "fakevpc-go-"));
  try {
    cpSync(moduleOf(program), work, { recursive: true });
    const started = Date.now();
    const tick = setInterval(() => log(`still compiling ${program} (${minutes(started)} min)`), 60_000);
    const build = ["go", "build", "-mod=mod", "-ldflags", linkerFlags, "-o", path.join(directory, program)];
    await run([...build, packages[program]!], { cwd: work }).finally(() => clearInterval(tick));
    const list = ["go", "list", "-mod=mod", "-f", "{{.Dir}}", packages[program]!];
    return (await run(list, { cwd: work })).stdout.trim();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The directory of the module that is compiled to a program. */
export function moduleOf(program: string): string {
  return packageFile("lab/engine/modules", program);
}

function minutes(since: number): number {
  return Math.round((Date.now() - since) / 60_000);
}
