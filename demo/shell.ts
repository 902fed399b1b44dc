import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { packageFile } from "../components/packageFile";

/** Name of the demo's stack. */
export const stackName = "demo";

/** Makes a stack's directory a project of its own, in which Pulumi and `npx fakevpc` work on that stack as they stand. */
export function writeProject(directory: string): void {
  const project = `name: fakevpc-demo
runtime:
  name: nodejs
  options:
    typescript: true
main: ${packageFile("demo/program/index.ts")}
`;
  writeFileSync(path.join(directory, "Pulumi.yaml"), project);
  const bin = path.join(directory, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const command = `#!/usr/bin/env node\nrequire(${JSON.stringify(packageFile("dist/cli/main.js"))});\n`;
  writeFileSync(path.join(bin, "fakevpc"), command, { mode: 0o755 });
}

/** Opens a shell in that directory; `command` puts it into the lab's network. Ends with it. */
export async function openShell(
  directory: string,
  environment: NodeJS.ProcessEnv,
  command: (argv: string[]) => string[],
): Promise<void> {
  // npm's own variables would lead npx to the project that npm was called in.
  const inherited = Object.entries(environment).filter(([name]) => !name.toLowerCase().startsWith("npm_"));
  const env = { ...Object.fromEntries(inherited), PULUMI_STACK: stackName };
  const [program, ...argv] = command([process.env.SHELL || "/bin/sh"]);
  const child = spawn(program!, argv, { cwd: directory, env, stdio: "inherit" });
  await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
}
