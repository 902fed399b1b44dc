import * as path from "node:path";
import { packageFile } from "../components/packageFile";
import { cacheDirectory } from "../lab/cache";
import { Stack } from "../lab/engine/stack";
import { prepare } from "../lab/prepare";
import { Lab } from "../lab/servers/lab";
import type { LabServer } from "../lab/servers/server";
import { type Check, echo, echoCommand, echoFromOutside, pings } from "./checks";
import { calmly } from "./pulumiOutput";
import { print, Report } from "./report";

const program = packageFile("demo/program");
const echoService = { server: "server2", port: 8888 };

/** Where the lab of `--keep` is; any other one has a directory of its own, and ends with its process. */
const keptDirectory = () => path.join(cacheDirectory("labs"), "demo");

/** Boots servers, makes them a mesh and looks at it. Returns whether all that was tried went well. */
export async function demo(count: number, keep: boolean): Promise<boolean> {
  print(`${count} servers on this machine become a mesh by one "pulumi up". They have a network of their own;`);
  print(`what is downloaded or built for them stays in ${cacheDirectory()}.`);
  const report = new Report();
  const engine = await report.step("Prepare this machine", () =>
    prepare([{ suite: "bookworm", packages: false }], report.line),
  );
  const lab = await report.step(`Boot ${count} bare servers`, () => boot(count, keep, report));
  try {
    // Within the lab's directory: whatever ends the lab removes the stack too.
    const directory = path.join(lab.directory, "stack");
    const command = (argv: string[]) => lab.command(argv);
    const stack = new Stack({ engine, name: "demo", directory, program, command });
    await report.step("pulumi up", async () => {
      await stack.setConfig(configOf(lab));
      const onOutput = calmly(report.line);
      const { code } = await stack.up({ onOutput, args: ["--suppress-outputs"], allowFailure: true });
      if (code !== 0) throw new Error("pulumi up failed; its lines above say why.");
    });
    const checks = await report.step("Try the mesh", () => tryMesh(lab, report));
    report.times();
    const failed = checks.filter(({ good }) => !good).length;
    if (failed > 0) print(`\n${failed} of ${checks.length} tries did not go as they should.`);
    return failed === 0;
  } finally {
    await end(lab, keep);
  }
}

/** Takes down what `--keep` left up. */
export async function demoDown(): Promise<void> {
  const lab = await Lab.attach(keptDirectory());
  if (!lab) return print("No demo is up.");
  const names = lab.servers.map(({ name }) => name).join(", ");
  await lab.down();
  print(`Took down ${names}.`);
}

async function boot(count: number, keep: boolean, report: Report): Promise<Lab> {
  const kept = keep && (await Lab.attach(keptDirectory()));
  if (kept) {
    report.line("taking down the servers that an earlier demo kept");
    await kept.down();
  }
  // The last one is at home: nobody can dial it, so it dials all the others.
  const servers = Array.from({ length: count }, (_, at) => ({ name: `server${at + 1}`, nat: at === count - 1 }));
  const lab = await Lab.up({ servers, keep, directory: keep ? keptDirectory() : undefined, log: report.line });
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

async function tryMesh(lab: Lab, report: Report): Promise<Check[]> {
  const names = lab.servers.map(({ name }) => name);
  const trips = await pings(lab.servers);
  report.line("Round trip of a ping by name, in milliseconds, from the server on the left:");
  report.line("");
  report.table([["", ...names], ...trips.map((row, at) => [names[at]!, ...row.map(({ answer }) => answer)])]);

  const { server, port } = echoService;
  const inside = await Promise.all(lab.servers.map((from) => echo(from, server, port)));
  const { address } = lab.server(server);
  const outside = await echoFromOutside(lab, address, port);
  report.line("");
  report.line(`The echo service of ${server}, by "${echoCommand(server, port)}":`);
  report.line("");
  report.table([
    ...inside.map(({ answer }, at) => [names[at]!, answer]),
    [`from outside, at ${address}:${port}`, outside.answer],
  ]);
  return [...trips.flat(), ...inside, outside];
}

async function end(lab: Lab, keep: boolean): Promise<void> {
  if (!keep) {
    await lab.down();
    return print("\nThe servers are gone again. With --keep they stay: npm run demo -- --keep");
  }
  print(`\nThe servers stay up, until "npm run demo:down". To log in:`);
  for (const { name } of lab.servers) print(`   npm run lab -- --directory ${lab.directory} ssh ${name}`);
}
