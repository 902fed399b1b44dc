import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { type Login, loginOf } from "../mesh/login";
import type { ServerArgs, SshArgs } from "./args";
import { attemptsAt } from "./attempts";
import { isOutput } from "./known";

type Connection = types.input.remote.ConnectionArgs;

/** Seconds for which a server that was just told to reboot is tried again: five minutes where it refuses at once. */
const rebootTimeout = 450;

/** How SSH reaches one server. */
export interface ServerSsh {
  /** Its address, once everything about it has been checked. */
  host: pulumi.Output<string>;
  server: ServerArgs;
  ssh: SshArgs;
}

/** Seconds for which a server that does not answer is tried again. */
export function connectTimeoutOf({ connectTimeout = 60 }: SshArgs, mayReboot: boolean): number {
  return mayReboot ? Math.max(connectTimeout, rebootTimeout) : connectTimeout;
}

/** The provider's words for it. After a step that may have rebooted the server, it is waited for longer. */
export function connectionOf({ host, server, ssh }: ServerSsh, mayReboot: boolean): Connection {
  const seconds = connectTimeoutOf(ssh, mayReboot);
  const { proxy, ...login } = loginOf<Text, Port>(server, ssh);
  // An address that is another resource's may be that of a server which this up has made.
  const attempts = (address: unknown, behind: boolean) =>
    attemptsAt(seconds, { starting: mayReboot || isOutput(address), behind });
  return {
    ...wordsOf(host, login),
    ...attempts(login.host, proxy !== undefined),
    ...(proxy && { proxy: { ...wordsOf(proxy.host!, proxy), ...attempts(proxy.host, false) } }),
  };
}

/** The same in clear, as far as that can be: without keys, and with placeholders for outputs and secrets. */
export function sshText({ server, ssh }: ServerSsh): string {
  const { proxy, ...login } = loginOf<Text, Port>(server, ssh);
  const hops = [hopText("server", login), ...(proxy ? [hopText("proxy", proxy)] : [])];
  return hops.map((line) => `${line}\n`).join("");
}

function hopText(name: string, { host, port, user, hostKey }: Login<Text, Port>): string {
  const word = (field: string, value: unknown) =>
    typeof value === "string" || typeof value === "number" ? String(value).trim() : `{${field}}`;
  const place = `${name} ${word("user", user)}@${word("address", host)} port ${word("port", port)}`;
  return hostKey === undefined ? place : `${place} hostKey ${word("hostKey", hostKey)}`;
}

type Text = pulumi.Input<string>;
type Port = pulumi.Input<number>;

/** Without a key, the ssh-agent is asked. */
function wordsOf(host: Text, { port, user, hostKey, privateKey, passphrase }: Login<Text, Port>) {
  return {
    host,
    port,
    user,
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { privateKeyPassword: passphrase }),
    ...(hostKey !== undefined && { hostKey }),
  };
}
