import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { elevated } from "../../components/hostProgram";
import { packageFile } from "../../components/packageFile";
import type { ServerConfig } from "../../mesh/config";
import { type Login, loginOf } from "../../mesh/login";
import { SshFiles } from "../server/sshFiles";
import type { ConfigFile } from "../setup/configFile";
import { entryOf } from "../setup/entry";
import { confirmationOf, type HostKeyFlags } from "../setup/flags";
import { confirmedHostKey } from "../setup/hostKey";
import { makeStack, refuseServersIn, refuseWithoutLogin, sshFrom } from "../setup/init";
import { type Place, placeOf } from "../setup/place";
import { runSsh } from "../setup/runSsh";
import { configFileOf, projectOfConfig, selectedStack } from "../setup/stackFile";
import { checked, withKeys } from "../stack/config";
import type { Project } from "../stack/project";
import { CommandError, ofStack, pulumi } from "../stack/pulumi";
import { type FoundServer, foundServer } from "./conf";
import { type HandMade, type TakenOver, takeOver } from "./takeOver";

export interface AdoptOptions extends HostKeyFlags {
  stack?: string;
  user?: string;
  identity?: string;
}

/** `fakevpc adopt`: the config of a mesh that somebody made by hand, with the keys that it has. The servers are left as they are. */
export async function adopt(hosts: string[], options: AdoptOptions): Promise<number> {
  const project = projectOfConfig();
  refuseWithoutLogin(project);
  const stack = options.stack ?? selectedStack(project) ?? "prod";
  refuseServersIn(project, stack);
  const ssh = await sshFrom(options, false);
  const confirmation = confirmationOf(options);
  const read: { hostKey: string; place: Place; server: HandMade }[] = [];
  for (const text of hosts) {
    const [, given, rest] = /^(?:([^=]+)=)?(.+)$/.exec(text)!;
    const place = placeOf(rest!);
    const entry = { address: place.address, sshPort: place.port, user: place.user } as ServerConfig;
    const login = loginOf(entry, checked(() => withKeys({ servers: {}, ssh })).ssh);
    const label = given ?? place.address;
    const hostKey = await confirmedHostKey(label, login, confirmation);
    const found = await confsOf(label, { ...login, hostKey });
    read.push({ hostKey, place, server: { name: given ?? found.host, address: place.address, found } });
  }
  const taken = takeOver(read.map(({ server }) => server));
  makeStack(project, stack);
  const file = configFileOf(project, stack);
  if (file.read().config.ssh === undefined)
    file.set("ssh", ssh, "How SSH reaches the servers, unless a server says otherwise itself.");
  for (const [setting, value] of Object.entries({ ifaceIpOffset: taken.ifaceIpOffset, mtu: taken.mtu })) {
    if (value !== undefined) file.set(setting, value, "As in the mesh that was made by hand.");
  }
  for (const [at, server] of taken.servers.entries()) enter(file, server, read[at]!, project, stack);
  file.check();
  file.write();
  process.stdout.write(said(file.file, taken, read));
  return 0;
}

type Read = { hostKey: string; place: Place };

function enter(
  file: ConfigFile,
  server: TakenOver["servers"][number],
  { hostKey, place }: Read,
  project: Project,
  stack: string,
): void {
  const { name, index, endpoint, wgPort, privateKey } = server;
  const entry = entryOf({
    address: place.address,
    index: Number(/\d+$/.exec(name)?.[0]) === index ? undefined : index,
    public: server.private ? false : undefined,
    endpoint,
    wgPort: wgPort === 51820 + index ? undefined : wgPort,
    sshPort: place.port,
    user: place.user,
    hostKey,
    privateKey: encrypted(privateKey, file.file, project, stack),
  });
  file.addServer(name, entry);
}

async function confsOf(name: string, login: Login): Promise<FoundServer> {
  const ssh = new SshFiles({ servers: { [name]: { login } } });
  try {
    const argv = [...ssh.argumentsFor(name), elevated("sh -s")];
    const { stdout, complaint } = await runSsh(
      argv,
      ssh.environment,
      readFileSync(packageFile("cli/adopt/confs.sh"), "utf8"),
    );
    const found = foundServer(stdout);
    if (found) return found;
    throw new CommandError(`${name} does not show its confs: ${complaint}`);
  } finally {
    ssh.close();
  }
}

/** A secret as the stack's config has it. Pulumi writes it into a copy, for it would set the whole file anew. */
function encrypted(secret: string, file: string, { name, directory }: Project, stack: string): { secure: string } {
  const temporary = mkdtempSync(path.join(tmpdir(), "fakevpc-"));
  const copy = path.join(temporary, path.basename(file));
  try {
    copyFileSync(file, copy);
    const key = `${name}:adopted`;
    pulumi(["config", "set", "--secret", key, "--config-file", copy, ...ofStack(stack)], { input: secret, directory });
    return (parse(readFileSync(copy, "utf8")) as { config: Record<string, { secure: string }> }).config[key]!;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function said(file: string, { left, servers }: TakenOver, read: { server: HandMade }[]): string {
  const down = read.map(({ server }, at) => {
    const units = server.found.confs.map((conf) => `wg-quick@${conf.name}`).join(" ");
    return `  on ${servers[at]!.name}: systemctl disable --now ${units}, and move its conf out of /etc/wireguard`;
  });
  return [
    `${file} is written, with ${servers.map(({ name }) => name).join(", ")} and the keys that they have.`,
    ...(left.length > 0 ? ["Not taken over:", ...left.map((sentence) => `  ${sentence}`)] : []),
    "The old interfaces hold the ports and stay until you end them, which interrupts every link until the up is through:",
    ...down,
    'Next: "npx fakevpc check", then that, then "pulumi up"',
    "",
  ].join("\n");
}
