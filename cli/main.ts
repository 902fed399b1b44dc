#!/usr/bin/env node
import { parseArgs } from "node:util";
import { check } from "./check/check";
import { dashboard } from "./dashboard";
import { graph } from "./graph";
import { setupCommands } from "./setup/commands";
import { CommandError } from "./stack/pulumi";
import { status } from "./status";

const usage = `fakevpc init [--server NAME=[USER@]ADDRESS[:PORT]]… [--private NAME]… [--user U] [--yes]
                                                     makes a stack and its config; asks for what is not said
fakevpc add NAME [USER@]ADDRESS[:PORT] [--index N] [--private] [--site S] [--endpoint E] [--lan-address A] [--wg-port P]
                                                     one more server in the config
fakevpc remove NAME                                  one less; one that is dead is retired
fakevpc adopt [NAME=][USER@]ADDRESS[:PORT]…          the config of a mesh that somebody made by hand, with its keys
fakevpc check [--json]                               whether the servers of the config can become a mesh; changes nothing
fakevpc status [--json] [--watch]                    how the mesh of a stack is; 0 only if all is well
fakevpc status --prometheus [--output FILE]          the same as metrics for Prometheus
fakevpc dashboard [--port PORT]                      a page on this machine that shows the mesh live
fakevpc graph [--format mermaid|svg] [--live]        the mesh as a picture

  -s, --stack NAME      the stack; default: the selected one
  -i, --identity FILE   the private key for SSH; default: the stack's own, else ssh's
  --json                for machines
  --html FILE           write the page to a file, too
  --watch               look again every two seconds
  --port PORT           of 127.0.0.1; default 8051
  --format FORMAT       mermaid (default) or svg
  -o, --output FILE     write to a file
  --live                colour the links by their state
  --mesh NAME           one FakeVpc, where the stack has several
  --host-key NAME=KEY   a server's host key, or its fingerprint, that you vouch for
  --accept-host-keys    believe the host keys that the servers show now
`;

async function main(): Promise<number> {
  const [name, ...argv] = process.argv.slice(2);
  const setup = argv.some((word) => ["-h", "--help"].includes(word)) ? undefined : setupCommands[name ?? ""];
  if (setup) return setup(argv, usage);
  const { values, positionals } = readArguments();
  const [command] = positionals;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length === 1 && command === "status") {
    const { json = false, prometheus = false, watch = false } = values;
    return status({ ...values, json, prometheus, watch });
  }
  if (positionals.length === 1 && command === "check") return check({ ...values, json: values.json ?? false });
  if (positionals.length === 1 && command === "dashboard") return dashboard(values);
  if (positionals.length === 1 && command === "graph") return graph({ ...values, live: values.live ?? false });
  throw new CommandError(`say what to do:\n${usage}`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        stack: { type: "string", short: "s" },
        identity: { type: "string", short: "i" },
        json: { type: "boolean" },
        prometheus: { type: "boolean" },
        html: { type: "string" },
        watch: { type: "boolean" },
        port: { type: "string" },
        format: { type: "string" },
        output: { type: "string", short: "o" },
        live: { type: "boolean" },
        mesh: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${usage}`);
  }
}

// Whatever ends the process, what it wrote for ssh goes with it.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`fakevpc: ${error instanceof CommandError ? error.message : error.stack}\n`);
    process.exitCode = 2;
  },
);
