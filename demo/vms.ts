import { existsSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../lab/cache";
import { request } from "../lab/engine/http";
import { echo, echoCommand, pings } from "./checks";
import { calmly } from "./pulumiOutput";
import { print, Report } from "./report";
import { type Machine, VmsExample } from "./vmsExample";

const echoService = { server: "server2", port: 8888 };
const stackDirectory = () => path.join(cacheDirectory("vms"), "stack");

/** Boots the virtual machines of `examples/vms`, makes them a mesh and looks at it. */
async function vmsUp(): Promise<boolean> {
  const report = new Report();
  const example = await report.step("Prepare this machine", () => prepare(report));
  await report.step("pulumi up", () => example.stack.up({ onOutput: calmly(report.line) }));
  const machines = await example.machines();
  const good = await report.step("Try the mesh", () => tryMesh(machines, report));
  print(`\nThe machines stay up, until "npm run vms:down". To log in:`);
  for (const { login } of machines) print(`   ${login.join(" ")}`);
  return good;
}

async function vmsDown(): Promise<void> {
  if (!existsSync(stackDirectory())) return print("No machine is up.");
  const report = new Report();
  const example = await report.step("Prepare this machine", () => prepare(report));
  await report.step("pulumi destroy", () => example.stack.destroy({ onOutput: calmly(report.line) }));
  await example.stack.remove();
}

/** The config is written once: somebody may have changed it since. */
async function prepare(report: Report): Promise<VmsExample> {
  const example = await VmsExample.prepare("vms", stackDirectory(), report.line);
  if (!existsSync(example.stack.configFile)) {
    const online = await request("https://cloud-images.ubuntu.com", "HEAD").then(
      () => true,
      () => false,
    );
    const image = online ? {} : { image: "debian", memory: 512, cores: 1 };
    report.line(
      online ? "the machines run Ubuntu 22.04" : "Ubuntu's images cannot be reached: the machines run Debian",
    );
    await example.configure(image);
  }
  report.line(`the stack's config is ${example.stack.configFile}`);
  return example;
}

async function tryMesh(machines: Machine[], report: Report): Promise<boolean> {
  const names = machines.map(({ name }) => name);
  const trips = await pings(machines);
  report.line("Round trip of a ping by name, in milliseconds, from the server on the left:");
  report.line("");
  report.table([["", ...names], ...trips.map((row, at) => [names[at]!, ...row.map(({ answer }) => answer)])]);

  const { server, port } = echoService;
  const answers = await Promise.all(machines.map((from) => echo(from, server, port)));
  report.line("");
  report.line(`The echo service of ${server}, by "${echoCommand(server, port)}":`);
  report.line("");
  report.table(answers.map(({ answer }, at) => [names[at]!, answer]));
  return [...trips.flat(), ...answers].every(({ good }) => good);
}

const work = process.argv[2] === "--down" ? vmsDown().then(() => true) : vmsUp();
work.then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
