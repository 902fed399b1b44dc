import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { cacheDirectory } from "./cache";
import { suites } from "./image";
import { Lab } from "./lab";

const usage = `A lab to try things in by hand:
  up N [--nat K] [--suite bookworm,trixie] [--packages]   servers server1 to serverN, the last K behind NAT
  ls                                                      the servers and their addresses
  ssh NAME [COMMAND…]                                     a shell on a server
  exec -- COMMAND…                                        a program of this machine in the lab's network
  down                                                    ends it
All take --directory D; the default is one in the cache.
`;

async function main(argv: string[]): Promise<number> {
  const { values, positionals, command } = parse(argv);
  const directory = values.directory ?? `${cacheDirectory("labs")}/manual`;
  const [task, ...parameters] = positionals;
  if (task === "up" && /^\d+$/.test(parameters[0] ?? "")) {
    await up(directory, Number(parameters[0]), values);
    return 0;
  }
  if (!task || !["ls", "ssh", "exec", "down"].includes(task)) {
    process.stderr.write(usage);
    return 2;
  }
  const lab = await Lab.attach(directory);
  if (!lab) {
    process.stderr.write(`No lab is up in ${directory}\n`);
    return 1;
  }
  switch (task) {
    case "ls":
      list(lab);
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

async function up(
  directory: string,
  count: number,
  values: { nat: string; suite: string; packages: boolean },
): Promise<void> {
  const wanted = values.suite.split(",").map((name) => {
    const suite = suites.find((known) => known === name);
    if (!suite) {
      throw new Error(`"${name}" is not one of ${suites.join(", ")}`);
    }
    return suite;
  });
  const servers = Array.from({ length: count }, (_, index) => ({
    name: `server${index + 1}`,
    suite: wanted[index % wanted.length],
    nat: index >= count - Number(values.nat),
    packages: values.packages,
  }));
  list(await Lab.up({ directory, servers, keep: true, log: (line) => process.stderr.write(`${line}\n`) }));
}

function list(lab: Lab): void {
  for (const { name, address, suite, wanAddress } of lab.servers) {
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
