import type { MeshConfig, ServerConfig } from "../../mesh/config";

/** How SSH gets into a server, or into the bastion before it. */
export interface Login {
  /** Missing where it is a secret and still encrypted. */
  host?: string;
  port: number;
  user: string;
  hostKey?: string;
  /** Without it, SSH's own keys. */
  privateKey?: string;
  passphrase?: string;
  proxy?: Login;
}

type Ssh = NonNullable<MeshConfig["ssh"]>;

/** What a server does not say of itself is as for all of them. */
export function loginOf(server: ServerConfig, ssh: Ssh = {}): Login {
  const proxy = server.proxy ?? ssh.proxy;
  return {
    host: server.address,
    port: server.sshPort ?? ssh.port ?? 22,
    user: server.user ?? ssh.user ?? "root",
    hostKey: server.hostKey,
    ...keyOf(server.sshPrivateKey, server.sshPrivateKeyPassphrase, ssh),
    ...(proxy && {
      proxy: {
        host: proxy.address,
        port: proxy.port ?? 22,
        user: proxy.user ?? ssh.user ?? "root",
        hostKey: proxy.hostKey,
        ...keyOf(proxy.privateKey, proxy.privateKeyPassphrase, ssh),
      },
    }),
  };
}

function keyOf(own: string | undefined, passphrase: string | undefined, ssh: Ssh) {
  return own === undefined
    ? { privateKey: ssh.privateKey, passphrase: ssh.privateKeyPassphrase }
    : { privateKey: own, passphrase };
}
