import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { cacheDirectory } from "./cache";
import { suites } from "./servers/image";
import { Lab, type ServerOptions } from "./servers/lab";
import type { LabServer } from "./servers/server";

const usage = `A lab to try things in by hand:
  up N               a new lab, with the servers server1 to serverN
  add NAME…          more servers
  remove NAME…       fewer
  ls                 the servers and their addresses
  ssh NAME [COMMAND…]  a shell on a server
  exec -- COMMAND…   a program of this machine in the lab's network
  down               ends it

  --directory D              where the lab is; default: in the cache
  --nat K                    the last K of the new servers are behind NAT
  --suite bookworm,trixie    their systems, in turn
  --packages                 what a mesh needs is installed on them already
  --authorize KEY            this public key may log in too
  --json                     print the servers for a program to read
`;

async function main(argv: string[]): Promise<number> {
  const { values, positionals, command } = parse(argv);
  const directory = values.directory ?? `${cacheDirectory("labs")}/manual`;
  const [task, ...parameters] = positionals;
  if (task === "up" && /^\d+$/.test(parameters[0] ?? "")) {
    const names = Array.from({ length: Number(parameters[0]) }, (_, index) => `server${index + 1}`);
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const lab = await Lab.up({ directory, servers: ordered(names, values), keep: true, log });
    list(lab.servers, values.json);
    return 0;
  }
  if (!task || !["add", "remove", "ls", "ssh", "exec", "down"].includes(task)) {
    process.stderr.write(usage);
    return 2;
  }
  const lab = await Lab.attach(directory);
  if (!lab) {
    process.stderr.write(`No lab is up in ${directory}\n`);
    return 1;
  }
  switch (task) {
    case "add":
      list(await Promise.all(ordered(parameters, values).map((server) => lab.add(server))), values.json);
      return 0;
    case "remove":
      for (const name of parameters) await lab.remove(name);
      return 0;
    case "ls":
      list(lab.servers, values.json);
      return 0;
    case "ssh":
      return foreground(lab.command(["ssh", "-F", lab.sshConfig, ...parameters, ...command]));
    case "exec":
      return foreground(lab.command([...parameters, ...command]));
    default:
      await lab.down();
      return 0;
  }
}

const options = {
  directory: { type: "string" },
  nat: { type: "string", default: "0" },
  suite: { type: "string", default: "bookworm" },
  packages: { type: "boolean", default: false },
  authorize: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** What follows the server of "ssh", or "--", is a command with options of its own. */
function parse(argv: string[]) {
  const { tokens } = parseArgs({ args: argv, options, allowPositionals: true, strict: false, tokens: true });
  const words = tokens.filter((token) => token.kind === "positional");
  const last = words[0]?.value === "ssh" ? words[1] : tokens.find((token) => token.kind === "option-terminator");
  const end = (last?.index ?? argv.length) + 1;
  const { values, positionals } = parseArgs({ args: argv.slice(0, end), options, allowPositionals: true });
  return { values, positionals, command: argv.slice(end) };
}

interface Order {
  nat: string;
  suite: string;
  packages: boolean;
  authorize?: string;
}

function ordered(names: string[], { nat, suite, packages, authorize }: Order): ServerOptions[] {
  const wanted = suite.split(",").map((name) => {
    const found = suites.find((known) => known === name);
    if (!found) {
      throw new Error(`"${name}" is not one of ${suites.join(", ")}`);
    }
    return found;
  });
  return names.map((name, index) => ({
    name,
    suite: wanted[index % wanted.length],
    nat: index >= names.length - Number(nat),
    packages,
    authorizedKey: authorize,
  }));
}

function list(servers: LabServer[], json: boolean): void {
  if (json) {
    const entries = servers.map(({ name, address, hostKey }) => [name, { address, hostKey }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
    return;
  }
  for (const { name, address, suite, wanAddress } of servers) {
    process.stdout.write(`${name}  ${address}  ${suite}${wanAddress ? `  behind ${wanAddress}` : ""}\n`);
  }
}

function foreground(argv: string[]): Promise<number> {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: "inherit" });
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve(code ?? 1)));
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
