import * as path from "node:path";
import type { ServerConfig } from "../../mesh/config";
import { loginOf } from "../../mesh/login";
import { CommandError } from "../stack/pulumi";
import type { Entry } from "./configFile";
import { entryOf, withIndex } from "./entry";
import { confirmationOf, type HostKeyFlags } from "./flags";
import { confirmedHostKey } from "./hostKey";
import { placeOf } from "./place";
import { configWithKeys, type EditedStack, editedStack, stackFlag } from "./stackFile";

export interface AddOptions extends HostKeyFlags {
  stack?: string;
  identity?: string;
  index?: string;
  user?: string;
  private?: boolean;
  site?: string;
  endpoint?: string;
  "lan-address"?: string;
  "ssh-port"?: string;
  "wg-port"?: string;
}

/** `fakevpc add`: one more entry in the stack's config, once the server is known to let the operator in. */
export async function add(name: string, place: string, options: AddOptions): Promise<number> {
  const stack = editedStack(options.stack);
  const { file } = stack;
  if (file.names.includes(name)) throw new CommandError(`${file.file} has a server ${name} already`);
  const entry = withIndex(file, name, entryFrom(place, options));
  file.addServer(name, entry);
  file.check();
  const ssh = configWithKeys(stack).ssh;
  const login = loginOf(entry as unknown as ServerConfig, ssh);
  const { identity } = options;
  file.setOfServer(name, "hostKey", await confirmedHostKey(name, login, confirmationOf(options, name), identity));
  if (identity) file.setOfServer(name, "sshPrivateKeyFile", path.resolve(identity));
  file.check();
  file.write();
  process.stdout.write(added(name, entry, stack));
  return 0;
}

function added(name: string, entry: Entry, stack: EditedStack): string {
  const index = entry.index === undefined ? "" : `, with the index ${entry.index}`;
  const flag = stackFlag(stack);
  return `${stack.file.file}: ${name} is in it${index}. Next: "npx fakevpc check${flag}", then "pulumi up${flag}"\n`;
}

function entryFrom(text: string, options: AddOptions): Entry {
  const { user, address, port } = placeOf(text);
  return entryOf({
    address,
    index: numberOf("--index", options.index),
    public: options.private ? false : undefined,
    site: options.site,
    lanAddress: options["lan-address"],
    endpoint: options.endpoint,
    wgPort: numberOf("--wg-port", options["wg-port"]),
    sshPort: port ?? numberOf("--ssh-port", options["ssh-port"]),
    user: user ?? options.user,
  });
}

/** The rules of the mesh say whether it is a good number. */
function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new CommandError(`${flag}: "${text}" is not a number`);
}
