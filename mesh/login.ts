/** SSH connections to one address that firewalls bear within half a minute: `ufw limit` refuses the sixth, and an operator may be there, too. */
export const borneConnections = 4;

/** How SSH gets into a server, or into the bastion before it. In a Pulumi program a value may be an output yet to come. */
export interface Login<Text = string, Port = number> {
  /** Missing where it is a secret and still encrypted. */
  host?: Text;
  port: Port;
  user: Text;
  hostKey?: Text;
  /** Without it, SSH's own keys. */
  privateKey?: Text;
  passphrase?: Text;
  proxy?: Login<Text, Port>;
}

/** What a config says of it for all servers. */
interface Ssh<Text, Port> {
  user?: Text;
  port?: Port;
  privateKey?: Text;
  privateKeyPassphrase?: Text;
  proxy?: Proxy<Text, Port>;
}

interface Proxy<Text, Port> {
  address?: Text;
  port?: Port;
  user?: Text;
  privateKey?: Text;
  privateKeyPassphrase?: Text;
  hostKey?: Text;
}

/** What a config says of it for one server. */
interface Server<Text, Port> {
  address?: Text;
  sshPort?: Port;
  user?: Text;
  sshPrivateKey?: Text;
  sshPrivateKeyPassphrase?: Text;
  hostKey?: Text;
  proxy?: Proxy<Text, Port>;
}

/** The one rule for who logs in how. What a server does not say of itself is as for all of them. */
export function loginOf<Text = string, Port = number>(
  server: Server<Text, Port>,
  ssh: Ssh<Text, Port> = {},
): Login<Text | string, Port | number> {
  const proxy = server.proxy ?? ssh.proxy;
  return {
    host: server.address,
    port: server.sshPort ?? ssh.port ?? 22,
    user: server.user ?? ssh.user ?? "root",
    hostKey: server.hostKey,
    ...keyOf(server.sshPrivateKey, server.sshPrivateKeyPassphrase, ssh),
    ...(proxy && { proxy: throughProxy(proxy, ssh) }),
  };
}

/** A bastion is logged in to like a server, but at SSH's own port: that of `ssh` is the servers'. */
function throughProxy<Text, Port>(proxy: Proxy<Text, Port>, ssh: Ssh<Text, Port>): Login<Text | string, Port | number> {
  return {
    host: proxy.address,
    port: proxy.port ?? 22,
    user: proxy.user ?? ssh.user ?? "root",
    hostKey: proxy.hostKey,
    ...keyOf(proxy.privateKey, proxy.privateKeyPassphrase, ssh),
  };
}

/** A key of one's own, or else everybody's; a passphrase belongs to its key. */
function keyOf<Text>(own: Text | undefined, passphrase: Text | undefined, ssh: Ssh<Text, unknown>) {
  return own === undefined
    ? { privateKey: ssh.privateKey, passphrase: ssh.privateKeyPassphrase }
    : { privateKey: own, passphrase };
}
