import * as path from "node:path";
import { packageFile } from "../components/packageFile";
import { cacheDirectory } from "../lab/cache";
import type { Engine } from "../lab/engine/engine";
import { Stack } from "../lab/engine/stack";
import { prepare } from "../lab/prepare";
import { Lab } from "../lab/servers/lab";
import type { LabServer } from "../lab/servers/server";
import { type Check, echo, echoCommand, echoFromOutside } from "./checks";
import { calmly } from "./pulumiOutput";
import { print, Report } from "./report";
import { openShell, stackName, writeProject } from "./shell";

const program = packageFile("demo/program");
const command = packageFile("dist/cli/main.js");
const echoService = { server: "server2", port: 8888 };

/** Where the lab of `--keep` is by default; any other one has a directory of its own, and ends with its process. */
export const keptDirectory = () => path.join(cacheDirectory("labs"), "demo");

/**
 * Boots servers, makes them a mesh and looks at it. Returns whether all that was tried went well. The servers stay up where
 * `kept`, the directory of their lab, is given.
 */
export async function demo(count: number, kept: string | undefined): Promise<boolean> {
  print(`${count} servers on this machine become a mesh by one "pulumi up". They have a network of their own;`);
  print(`what is downloaded or built for them stays in ${cacheDirectory()}.`);
  const report = new Report();
  const engine = await report.step("Prepare this machine", () =>
    prepare([{ suite: "bookworm", packages: false }], report.line),
  );
  const lab = await report.step(`Boot ${count} bare servers`, () => boot(count, kept, report));
  try {
    const stack = stackOf(lab, engine);
    await stack.setConfig(configOf(lab));
    writeProject(stackDirectory(lab));
    await report.step("npx fakevpc check", () => showCheck(stack, report));
    await report.step("pulumi up", async () => {
      const onOutput = calmly(report.line);
      const { code } = await stack.up({ onOutput, args: ["--suppress-outputs"], allowFailure: true });
      if (code !== 0) throw new Error("pulumi up failed; its lines above say why.");
    });
    const checks = await report.step("Use the echo service of server2", () => useEcho(lab, report));
    const well = await report.step("npx fakevpc status", () => showStatus(stack, report));
    const failed = checks.filter(({ good }) => !good).length;
    if (failed > 0) print(`\n${failed} of ${checks.length} tries of the echo service did not go as they should.`);
    return failed === 0 && well;
  } finally {
    await end(lab, kept !== undefined);
  }
}

/** Opens a shell for the mesh that `--keep` left up. */
export async function demoShell(directory: string): Promise<void> {
  const lab = await Lab.attach(directory);
  if (!lab) return print('No demo is up: "npm run demo -- --keep" leaves one.');
  const engine = await prepare([], () => {});
  print(
    '"pulumi preview", "pulumi up" and "npx fakevpc status" work here; the config is Pulumi.demo.yaml. "exit" leaves.',
  );
  await openShell(stackDirectory(lab), stackOf(lab, engine).environment(), (argv) => lab.command(argv));
}

/** Takes down what `--keep` left up. */
export async function demoDown(directory: string): Promise<void> {
  const lab = await Lab.attach(directory);
  if (!lab) return print("No demo is up.");
  const names = lab.servers.map(({ name }) => name).join(", ");
  await lab.down();
  print(`Took down ${names}.`);
}

/** Within the lab's directory, so that whatever ends the lab removes the stack too. */
function stackDirectory(lab: Lab): string {
  return path.join(lab.directory, "stack");
}

function stackOf(lab: Lab, engine: Engine): Stack {
  const command = (argv: string[]) => lab.command(argv);
  return new Stack({ engine, name: stackName, directory: stackDirectory(lab), program, command });
}

async function boot(count: number, kept: string | undefined, report: Report): Promise<Lab> {
  const earlier = kept && (await Lab.attach(kept));
  if (earlier) {
    report.line("taking down the servers that an earlier demo kept");
    await earlier.down();
  }
  // The last one is at home: nobody can dial it, so it dials all the others.
  const servers = Array.from({ length: count }, (_, at) => ({ name: `server${at + 1}`, nat: at === count - 1 }));
  const lab = await Lab.up({ servers, keep: kept !== undefined, directory: kept, log: report.line });
  report.table(
    lab.servers.map(({ name, address, nat }) => [name, address.padEnd(14), nat ? "at home, behind NAT" : ""]),
  );
  return lab;
}

function configOf({ servers, keyFile }: Lab): Record<string, unknown> {
  const entry = ({ address, hostKey, nat }: LabServer) => ({ address, hostKey, ...(nat && { public: false }) });
  return {
    "fakevpc-demo:ssh": { privateKeyFile: keyFile },
    "fakevpc-demo:servers": Object.fromEntries(servers.map((server) => [server.name, entry(server)])),
    "fakevpc-demo:services": { echo: echoService },
  };
}

async function useEcho(lab: Lab, report: Report): Promise<Check[]> {
  const { server, port } = echoService;
  const inside = await Promise.all(lab.servers.map((from) => echo(from, server, port)));
  const { address } = lab.server(server);
  const outside = await echoFromOutside(lab, address, port);
  report.line(`what "${echoCommand(server, port)}" answers on each server:`);
  report.line("");
  report.table([
    ...inside.map(({ answer }, at) => [lab.servers[at]!.name, answer]),
    [`from outside, at ${address}:${port}`, outside.answer],
  ]);
  return [...inside, outside];
}

/** What `fakevpc check` says of the servers before anything is installed on them. */
async function showCheck(stack: Stack, report: Report): Promise<void> {
  const argv = [process.execPath, command, "check", "--stack", stackName];
  const { code, stdout, stderr } = await stack.run(argv, { allowFailure: true });
  for (const line of `${stdout}${stderr}`.trimEnd().split("\n")) report.line(line);
  if (code !== 0) throw new Error("the servers cannot become a mesh; the lines above say why.");
}

/** What `fakevpc status` says of the mesh, and a picture of it by `fakevpc graph`. Returns whether all is well. */
async function showStatus(stack: Stack, report: Report): Promise<boolean> {
  const fakevpc = (argv: string[]) => stack.run([process.execPath, command, ...argv, "--stack", stackName]);
  const { stdout } = await fakevpc(["status"]).catch((error: Error) => ({ stdout: error.message }));
  for (const line of stdout.trimEnd().split("\n")) report.line(line);
  const picture = path.join(cacheDirectory("demo"), "mesh.svg");
  await fakevpc(["graph", "--live", "--format", "svg", "--output", picture]);
  report.line("");
  report.line(`a picture of it, by "npx fakevpc graph --live --format svg": ${picture}`);
  return stdout.includes("all is well");
}

async function end(lab: Lab, keep: boolean): Promise<void> {
  if (!keep) {
    await lab.down();
    return print("\nThe servers are gone again. With --keep they stay: npm run demo -- --keep");
  }
  print(
    `\nThe servers stay up, until "npm run demo:down". To log in: npm run lab -- --directory ${lab.directory} ssh server1`,
  );
  print(`A shell for "pulumi preview", "pulumi up" and "npx fakevpc status" on this mesh: npm run demo:shell`);
}
