import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import type { ServerConfig } from "../../mesh/config";
import { loginOf } from "../../mesh/login";
import { checked, withKeys } from "../stack/config";
import type { Project } from "../stack/project";
import { CommandError, pulumi } from "../stack/pulumi";
import { ask, askUntil, isTerminal } from "./ask";
import type { Entry } from "./configFile";
import { entryOf, withIndex } from "./entry";
import { confirmationOf, type HostKeyFlags } from "./flags";
import { confirmedHostKey } from "./hostKey";
import { namedValue, type Place, placeOf } from "./place";
import { configFileOf, projectOfConfig, selectedStack } from "./stackFile";

export interface InitOptions extends HostKeyFlags {
  stack?: string;
  /** "NAME=[USER@]ADDRESS[:PORT]" each. */
  server?: string[];
  /** Names of servers that nobody can dial. */
  private?: string[];
  user?: string;
  identity?: string;
  yes?: boolean;
}

/** What the operator says: by flags, by answers, or by taking what is proposed. */
interface Answers {
  stack: string;
  ssh: { user: string; privateKeyFile?: string };
  servers: [name: string, entry: Entry][];
}

/** `fakevpc init`: a stack and its config, with servers that let the operator in and whose host keys are confirmed. */
export async function init(options: InitOptions): Promise<number> {
  const project = projectOfConfig();
  refuseWithoutLogin(project);
  const asks = isTerminal() && !options.yes;
  const stack = options.stack ?? (await stackFrom(project, asks));
  refuseServersIn(project, stack);
  const answers = { stack, ssh: await sshFrom(options, asks), servers: await serversFrom(options, asks) };
  const hostKeys = await hostKeysOf(project, answers, options);
  makeStack(project, stack);
  const file = configWith(project, answers, hostKeys);
  file.write();
  process.stdout.write(
    `${file.file} is written, with ${answers.servers.map(([name]) => name).join(", ")}. Next: "npx fakevpc check", then "pulumi up"\n`,
  );
  return 0;
}

export function refuseWithoutLogin({ directory }: Project): void {
  try {
    pulumi(["whoami"], { directory });
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      `${message}\nPulumi needs a place for its state: "pulumi login" is its cloud, "pulumi login file://DIRECTORY" a directory of yours`,
    );
  }
}

export function refuseServersIn(project: Project, stack: string): void {
  const { file, hasServers } = configFileOf(project, stack);
  if (hasServers) throw new CommandError(`${file} has servers already: "npx fakevpc add" adds one`);
}

async function stackFrom(project: Project, asks: boolean): Promise<string> {
  const proposed = selectedStack(project) ?? "prod";
  return (asks && (await ask(`Stack, one environment with one mesh [${proposed}]: `))) || proposed;
}

export async function sshFrom(
  { user, identity }: Pick<InitOptions, "user" | "identity">,
  asks: boolean,
): Promise<Answers["ssh"]> {
  const usual = existsSync(path.join(homedir(), ".ssh/id_ed25519")) ? "~/.ssh/id_ed25519" : "";
  const askFor = async (question: string) => (asks ? await ask(question) : "");
  const said = user ?? (await askFor("User that SSH logs in as, root or one with sudo [root]: "));
  const key = identity ?? ((await askFor(`Private key [${usual || "those of the ssh-agent"}]: `)) || usual);
  const privateKeyFile = key.startsWith("~/") ? key : key && path.resolve(key);
  return { user: said || "root", ...(privateKeyFile && { privateKeyFile }) };
}

async function serversFrom(options: InitOptions, asks: boolean): Promise<Answers["servers"]> {
  const hidden = options.private ?? [];
  const given = (options.server ?? []).map((text) => namedValue("--server", text));
  const stray = hidden.find((name) => !given.some(([each]) => each === name));
  if (stray !== undefined) throw new CommandError(`--private ${stray}: no --server ${stray}=… is given`);
  if (given.length === 0 && !asks) throw new CommandError("name the servers: --server NAME=[USER@]ADDRESS[:PORT] …");
  return given.length > 0
    ? given.map(([name, place]) => [name, entryAt(placeOf(place), hidden.includes(name))])
    : askForServers();
}

async function askForServers(): Promise<Answers["servers"]> {
  const servers: Answers["servers"] = [];
  for (;;) {
    const name = (await ask(`Name of a server [server${servers.length + 1}]: `)) || `server${servers.length + 1}`;
    const place = await askUntil("Where SSH reaches it, [USER@]ADDRESS[:PORT]: ", placeOf);
    const isHidden = /^y/i.test(await ask("Is it at home, or anywhere else where nobody can dial it? [y/N] "));
    servers.push([name, entryAt(place, isHidden)]);
    if (!/^(y|$)/i.test(await ask("One more? [Y/n] "))) return servers;
  }
}

function entryAt({ user, address, port }: Place, isHidden: boolean): Entry {
  return entryOf({ address, public: isHidden ? false : undefined, sshPort: port, user });
}

/** Each server is tried before anything is written, one after the other, since somebody may be asked. */
async function hostKeysOf(project: Project, answers: Answers, options: InitOptions): Promise<Map<string, string>> {
  const { config } = configWith(project, answers, new Map()).read();
  const { ssh } = checked(() => withKeys(config));
  const hostKeys = new Map<string, string>();
  for (const [name, entry] of answers.servers) {
    const login = loginOf(entry as unknown as ServerConfig, ssh);
    hostKeys.set(name, await confirmedHostKey(name, login, confirmationOf(options)));
  }
  return hostKeys;
}

function configWith(project: Project, { stack, ssh, servers }: Answers, hostKeys: Map<string, string>) {
  const file = configFileOf(project, stack);
  if (file.read().config.ssh === undefined) {
    file.set("ssh", ssh, "How SSH reaches the servers, unless a server says otherwise itself.");
  }
  for (const [name, entry] of servers) {
    file.addServer(name, entryOf({ ...withIndex(file, name, entry), hostKey: hostKeys.get(name) }));
  }
  file.check();
  return file;
}

/** Pulumi itself asks for a passphrase, at a terminal, where the stack's place needs one. */
export function makeStack({ directory }: Project, stack: string): void {
  try {
    pulumi(["stack", "select", stack], { directory });
    return;
  } catch {
    // It is not there yet.
  }
  if (!isTerminal()) {
    pulumi(["stack", "init", stack], { directory });
    return;
  }
  const { status } = spawnSync("pulumi", ["stack", "init", stack], { cwd: directory, stdio: "inherit" });
  if (status !== 0) throw new CommandError("pulumi stack init failed: nothing is written");
}
