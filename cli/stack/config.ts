import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { MeshConfig } from "../../mesh/config";
import type { Mesh } from "../../mesh/mesh";
import { ProblemsError } from "../../mesh/problem";
import { settingOf } from "../../mesh/settings";
import { checkMesh } from "../../mesh/validate";
import { type Project, projectHere } from "./project";
import { CommandError, ofStack, pulumi } from "./pulumi";

/** What a stack's config says, as the program would read it: `pulumi up` is not needed. */
export interface ConfiguredMesh {
  mesh: Mesh;
  /** With every key file read in its place. */
  config: MeshConfig;
}

/** The mesh that a stack's config describes, secrets and all, which go through a pipe alone. */
export function configuredMesh(stack: string | undefined): ConfiguredMesh {
  const project = projectHere();
  const config = stackSettings(project, stack);
  if (config.servers === undefined) throw new CommandError(noServers(project));
  return { mesh: checked(() => checkMesh(config)), config: checked(() => withKeys(config)) };
}

/** The settings of the mesh in a stack's config, decrypted. */
export function stackSettings({ name, directory }: Project, stack: string | undefined): MeshConfig {
  const output = pulumi(["config", "--json", "--show-secrets", ...ofStack(stack)], { directory });
  const prefix = `${name}:`;
  const entries = Object.entries(JSON.parse(output) as Record<string, { value?: string }>)
    .filter(([key, { value }]) => key.startsWith(prefix) && value)
    .map(([key, { value }]) => [key.slice(prefix.length), settingOf(key.slice(prefix.length), value!)]);
  return Object.fromEntries(entries) as MeshConfig;
}

/** Why there is nothing to read, and what comes next. */
export function noServers({ name }: Project): string {
  return [
    `the stack's config has no "${name}:servers".`,
    'Where a program of your own makes the mesh, its servers are known from its first "pulumi up" on: "fakevpc status" asks them.',
    'In a clone of fakevpc, "fakevpc init" writes the config.',
  ].join(" ");
}

/** What is wrong with a config is the operator's to mend, and needs no stack trace. */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new CommandError(`the stack's config is not right:\n${error.message.replace(/^/gm, "  ")}`);
  }
}

/** Every key file's text where the key itself may stand. */
export function withKeys(config: MeshConfig): MeshConfig {
  const servers = Object.entries(config.servers).map(([name, server]) => {
    const path = `servers.${name}`;
    const key = server.sshPrivateKeyFile && readKey(server.sshPrivateKeyFile, `${path}.sshPrivateKeyFile`);
    const { proxy } = server;
    return [
      name,
      { ...server, ...(key && { sshPrivateKey: key }), ...(proxy && { proxy: withKey(proxy, `${path}.proxy`) }) },
    ];
  });
  const ssh = config.ssh && {
    ...withKey(config.ssh, "ssh"),
    ...(config.ssh.proxy && { proxy: withKey(config.ssh.proxy, "ssh.proxy") }),
  };
  return { ...config, servers: Object.fromEntries(servers), ...(ssh && { ssh }) };
}

function withKey<T extends { privateKey?: string; privateKeyFile?: string }>(ssh: T, path: string): T {
  if (ssh.privateKeyFile === undefined) return ssh;
  return { ...ssh, privateKey: readKey(ssh.privateKeyFile, `${path}.privateKeyFile`) };
}

function readKey(file: string, path: string): string {
  try {
    return readFileSync(file.replace(/^~(?=\/)/, homedir()), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemsError([
      { path, message: `"${file}" cannot be read here (${code}): give the path of a private key` },
    ]);
  }
}
