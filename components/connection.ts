import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { ProblemsError } from "../mesh/problem";
import type { ServerArgs, SshArgs } from "./args";

/** Seconds for one attempt to connect: what drops packets shows itself only by silence. */
const dialTimeout = 5;

/** Seconds for which a server that was just told to reboot is tried again. */
const rebootTimeout = 300;

/** How SSH reaches one server. */
export interface ServerSsh {
  /** Its address, once everything about it has been checked. */
  host: pulumi.Output<string>;
  server: ServerArgs;
  ssh: SshArgs;
}

/** The arguments with the key file read. The key is a secret. */
export function withKey({ privateKeyFile, ...ssh }: SshArgs): SshArgs {
  if (privateKeyFile !== undefined) return { ...ssh, privateKey: pulumi.secret(readKey(privateKeyFile)) };
  return ssh.privateKey === undefined ? ssh : { ...ssh, privateKey: pulumi.secret(ssh.privateKey) };
}

function readKey(file: string): string {
  try {
    return readFileSync(file.replace(/^~(?=\/)/, homedir()), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `"${file}" cannot be read here (${code}): give the path of a private key`;
    throw new ProblemsError([{ path: "ssh.privateKeyFile", message }]);
  }
}

/** The provider's words for it. After a step that may have rebooted the server, it is waited for longer. */
export function connectionOf({ host, server, ssh }: ServerSsh, mayReboot: boolean): types.input.remote.ConnectionArgs {
  const timeout = ssh.connectTimeout ?? 60;
  return {
    host,
    port: server.sshPort ?? ssh.port ?? 22,
    user: server.user ?? ssh.user ?? "root",
    ...(ssh.privateKey === undefined ? {} : { privateKey: ssh.privateKey }),
    ...(server.hostKey === undefined ? {} : { hostKey: server.hostKey }),
    perDialTimeout: dialTimeout,
    dialErrorLimit: attemptsWithin(mayReboot ? Math.max(timeout, rebootTimeout) : timeout),
  };
}

/**
 * How many attempts fill so many seconds where each is refused at once. The provider waits 0.1 s after the first, then
 * half as long again each time, 5 s at most.
 */
export function attemptsWithin(seconds: number): number {
  let attempts = 1;
  for (let wait = 0.1, waited = wait; waited < seconds; waited += wait) {
    wait = Math.min(wait * 1.5, 5);
    attempts++;
  }
  return attempts;
}
