/** A place of the config where an SSH key may be given: in a file or as it is, and what decrypts it. */
export interface KeyPlace<T = string> {
  /** The path of the map that has it. */
  path: string;
  /** What its three settings are called there. */
  names: { file: string; key: string; passphrase: string };
  file?: string;
  key?: T;
  passphrase?: T;
}

interface KeyFields<T> {
  privateKeyFile?: string;
  privateKey?: T;
  privateKeyPassphrase?: T;
}

interface ServerKeyFields<T> {
  sshPrivateKeyFile?: string;
  sshPrivateKey?: T;
  sshPrivateKeyPassphrase?: T;
  proxy?: KeyFields<T>;
}

/** What has SSH keys in it: a config, or the arguments, whose keys may be outputs. */
interface WithKeys<T> {
  ssh?: KeyFields<T> & { proxy?: KeyFields<T> };
  servers: Record<string, ServerKeyFields<T> & { retired?: boolean }>;
}

/** Every such place. */
export function keyPlaces<T>({ ssh, servers }: WithKeys<T>): KeyPlace<T>[] {
  const own = Object.entries(servers).flatMap(([name, server]) => [
    serverPlace(name, server),
    placeIn(`servers.${name}.proxy`, server.proxy),
  ]);
  return [placeIn("ssh", ssh), placeIn("ssh.proxy", ssh?.proxy), ...own];
}

/** Those whose key opens a connection to a server that is not retired, or to the bastion before it. */
export function usedKeyPlaces<T>(config: WithKeys<T>): KeyPlace<T>[] {
  const { ssh, servers } = config;
  const used = new Set<string>();
  const use = (...places: KeyPlace<T>[]) => used.add(places.find(isGiven)?.path ?? "");
  for (const [name, server] of Object.entries(servers)) {
    if (server.retired) continue;
    use(serverPlace(name, server), placeIn("ssh", ssh));
    if (server.proxy) use(placeIn(`servers.${name}.proxy`, server.proxy), placeIn("ssh", ssh));
    else if (ssh?.proxy) use(placeIn("ssh.proxy", ssh.proxy), placeIn("ssh", ssh));
  }
  return keyPlaces(config).filter(({ path }) => used.has(path));
}

/** Whether SSH has no key at all for some server, and asks the ssh-agent. */
export function needsAgent<T>(config: WithKeys<T>): boolean {
  const everybody = placeIn("ssh", config.ssh);
  const live = Object.entries(config.servers).filter(([, { retired }]) => !retired);
  return !isGiven(everybody) && live.some(([name, server]) => !isGiven(serverPlace(name, server)));
}

export function isGiven<T>({ file, key }: KeyPlace<T>): boolean {
  return file !== undefined || key !== undefined;
}

function placeIn<T>(path: string, fields: KeyFields<T> = {}): KeyPlace<T> {
  const { privateKeyFile: file, privateKey: key, privateKeyPassphrase: passphrase } = fields;
  const names = { file: "privateKeyFile", key: "privateKey", passphrase: "privateKeyPassphrase" };
  return { path, names, file, key, passphrase };
}

function serverPlace<T>(name: string, server: ServerKeyFields<T>): KeyPlace<T> {
  const { sshPrivateKeyFile: file, sshPrivateKey: key, sshPrivateKeyPassphrase: passphrase } = server;
  const names = { file: "sshPrivateKeyFile", key: "sshPrivateKey", passphrase: "sshPrivateKeyPassphrase" };
  return { path: `servers.${name}`, names, file, key, passphrase };
}
