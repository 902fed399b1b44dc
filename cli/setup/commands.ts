import { parseArgs } from "node:util";
import { adopt } from "../adopt/adopt";
import { CommandError } from "../stack/pulumi";
import { add } from "./add";
import { init } from "./init";
import { remove } from "./remove";

const hostKeys = {
  "host-key": { type: "string", multiple: true },
  "accept-host-keys": { type: "boolean" },
} as const;

const text = { type: "string" } as const;
const stack = { type: "string", short: "s" } as const;
const identity = { type: "string", short: "i" } as const;

/** The commands that edit a stack's config, each with flags of its own. */
export const setupCommands: Record<string, (argv: string[], usage: string) => Promise<number>> = {
  init: async (argv, usage) => {
    const options = {
      ...{ stack, identity, ...hostKeys, user: text },
      yes: { type: "boolean", short: "y" },
      server: { type: "string", multiple: true },
      private: { type: "string", multiple: true },
    } as const;
    const { values, positionals } = parsed(usage, () => parseArgs({ args: argv, options, allowPositionals: true }));
    if (positionals.length > 0) throw new CommandError(`init takes no "${positionals[0]}":\n${usage}`);
    return init(values);
  },
  add: async (argv, usage) => {
    const options = {
      ...{ stack, identity, ...hostKeys },
      private: { type: "boolean" },
      ...{
        index: text,
        user: text,
        site: text,
        endpoint: text,
        "lan-address": text,
        "ssh-port": text,
        "wg-port": text,
      },
    } as const;
    const { values, positionals } = parsed(usage, () => parseArgs({ args: argv, options, allowPositionals: true }));
    const [name, place, ...more] = positionals;
    if (!name || !place || more.length > 0) throw new CommandError(`say "add NAME ADDRESS":\n${usage}`);
    return add(name, place, values);
  },
  remove: async (argv, usage) => {
    const { values, positionals } = parsed(usage, () =>
      parseArgs({ args: argv, options: { stack }, allowPositionals: true }),
    );
    const [name, ...more] = positionals;
    if (!name || more.length > 0) throw new CommandError(`say "remove NAME":\n${usage}`);
    return remove(name, values);
  },
  adopt: async (argv, usage) => {
    const options = { stack, identity, ...hostKeys, user: text } as const;
    const { values, positionals } = parsed(usage, () => parseArgs({ args: argv, options, allowPositionals: true }));
    if (positionals.length < 2) throw new CommandError(`say "adopt" and all servers of the mesh:\n${usage}`);
    return adopt(positionals, values);
  },
};

function parsed<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${usage}`);
  }
}
