import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { ProxyArgs, ServerArgs, SshArgs } from "./args";

type Connection = types.input.remote.ConnectionArgs;

/** Seconds for one attempt to connect, two of TCP's own: what drops packets shows itself only by silence. */
const dialTimeout = 2;

/** Seconds for which a server that was just told to reboot is tried again: five minutes where it refuses at once. */
const rebootTimeout = 450;

/** How SSH reaches one server. */
export interface ServerSsh {
  /** Its address, once everything about it has been checked. */
  host: pulumi.Output<string>;
  server: ServerArgs;
  ssh: SshArgs;
}

/** The provider's words for it. After a step that may have rebooted the server, it is waited for longer. */
export function connectionOf({ host, server, ssh }: ServerSsh, mayReboot: boolean): Connection {
  const timeout = ssh.connectTimeout ?? 60;
  const attempts = {
    perDialTimeout: dialTimeout,
    dialErrorLimit: attemptsWithin(mayReboot ? Math.max(timeout, rebootTimeout) : timeout),
  };
  const proxy = server.proxy ?? ssh.proxy;
  return {
    host,
    port: server.sshPort ?? ssh.port ?? 22,
    user: server.user ?? ssh.user ?? "root",
    ...keyOf(server.sshPrivateKey, server.sshPrivateKeyPassphrase, ssh),
    ...(server.hostKey !== undefined && { hostKey: server.hostKey }),
    ...attempts,
    ...(proxy && { proxy: { ...proxyOf(proxy, ssh), ...attempts } }),
  };
}

function proxyOf(proxy: ProxyArgs, ssh: SshArgs): types.input.remote.ProxyConnectionArgs {
  return {
    host: proxy.address,
    port: proxy.port ?? 22,
    user: proxy.user ?? ssh.user ?? "root",
    ...keyOf(proxy.privateKey, proxy.privateKeyPassphrase, ssh),
    ...(proxy.hostKey !== undefined && { hostKey: proxy.hostKey }),
  };
}

/** A key of one's own, or else everybody's; the passphrase belongs to its key. Without either, the ssh-agent is asked. */
function keyOf(
  own: pulumi.Input<string> | undefined,
  ownPassphrase: pulumi.Input<string> | undefined,
  ssh: SshArgs,
): Pick<Connection, "privateKey" | "privateKeyPassword"> {
  const [privateKey, passphrase] =
    own === undefined ? [ssh.privateKey, ssh.privateKeyPassphrase] : [own, ownPassphrase];
  return {
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { privateKeyPassword: passphrase }),
  };
}

/**
 * How many attempts fit into so many seconds where each ends in silence. The provider waits 0.1 s after the first, then
 * half as long again each time, 5 s at most; so a server that refuses at once is tried for about two thirds of the time.
 */
export function attemptsWithin(seconds: number): number {
  let attempts = 1;
  let wait = 0.1;
  for (let spent = dialTimeout; spent + wait + dialTimeout <= seconds; wait = Math.min(wait * 1.5, 5)) {
    spent += wait + dialTimeout;
    attempts++;
  }
  return attempts;
}
