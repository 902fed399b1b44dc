import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { ProblemsError } from "../mesh/problem";
import type { FakeVpcArgs, ProxyArgs, ServerArgs, SshArgs } from "./args";

/** The arguments with every key file read in its place, and every key and passphrase marked as a secret. */
export function withSecrets(args: FakeVpcArgs): FakeVpcArgs {
  const servers = Object.entries(args.servers).map(([name, server]) => [
    name,
    serverSecrets(server, `servers.${name}`),
  ]);
  return {
    ...args,
    servers: Object.fromEntries(servers),
    ...(args.ssh && { ssh: { ...sshSecrets(args.ssh, "ssh"), ...proxySecrets(args.ssh.proxy, "ssh.proxy") } }),
  };
}

function serverSecrets(server: ServerArgs, path: string): ServerArgs {
  const { sshPrivateKeyFile: file, sshPrivateKey, sshPrivateKeyPassphrase, privateKey, proxy, ...rest } = server;
  return {
    ...rest,
    ...secret("sshPrivateKey", file === undefined ? sshPrivateKey : readKey(file, `${path}.sshPrivateKeyFile`)),
    ...secret("sshPrivateKeyPassphrase", sshPrivateKeyPassphrase),
    ...secret("privateKey", privateKey),
    ...proxySecrets(proxy, `${path}.proxy`),
  };
}

function proxySecrets(proxy: ProxyArgs | undefined, path: string): { proxy?: ProxyArgs } {
  return proxy === undefined ? {} : { proxy: sshSecrets(proxy, path) };
}

function sshSecrets<T extends SshArgs | ProxyArgs>(ssh: T, path: string): T {
  const { privateKeyFile: file, privateKey, privateKeyPassphrase, ...rest } = ssh;
  return {
    ...rest,
    ...secret("privateKey", file === undefined ? privateKey : readKey(file, `${path}.privateKeyFile`)),
    ...secret("privateKeyPassphrase", privateKeyPassphrase),
  } as unknown as T;
}

function secret(field: string, value: pulumi.Input<string> | undefined): Record<string, pulumi.Output<string>> {
  return value === undefined ? {} : { [field]: pulumi.secret(value) };
}

function readKey(file: string, path: string): string {
  try {
    return readFileSync(file.replace(/^~(?=\/)/, homedir()), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `"${file}" cannot be read here (${code}): give the path of a private key`;
    throw new ProblemsError([{ path, message }]);
  }
}
