import type { ProxyArgs, ServerArgs, SshArgs } from "./args";

/** The arguments whose types are inputs: those take a promise, and so an output of another resource. */
type OutputField<T> = { [K in keyof T]-?: [Extract<T[K], Promise<unknown>>] extends [never] ? never : K }[keyof T];

/** The one list of them, which the compiler holds against their types. All others must be known in a preview. */
const ofServer: Record<OutputField<ServerArgs>, true> = {
  address: true,
  endpoint: true,
  endpointPort: true,
  lanAddress: true,
  wgPort: true,
  sshPort: true,
  user: true,
  hostKey: true,
  sshPrivateKey: true,
  sshPrivateKeyPassphrase: true,
  privateKey: true,
};
const ofProxy: Record<OutputField<ProxyArgs>, true> = {
  address: true,
  user: true,
  port: true,
  hostKey: true,
  privateKey: true,
  privateKeyPassphrase: true,
};
const ofSsh: Record<OutputField<SshArgs>, true> = {
  user: true,
  port: true,
  privateKey: true,
  privateKeyPassphrase: true,
};

export function mayBeOutput(path: string): boolean {
  const [, place, field] = /^(servers\.[^.]+|ssh|(?:servers\.[^.]+|ssh)\.proxy)\.([^.]+)$/.exec(path) ?? [];
  if (place === undefined || field === undefined) return false;
  const fields: object = place.endsWith(".proxy") ? ofProxy : place === "ssh" ? ofSsh : ofServer;
  return Object.hasOwn(fields, field);
}

/** The paths of all outputs that SSH to a server may wait for. */
export function outputPathsOf(server: string): string[] {
  const paths = (place: string, fields: object) => Object.keys(fields).map((field) => `${place}.${field}`);
  return [
    ...paths(`servers.${server}`, ofServer),
    ...paths(`servers.${server}.proxy`, ofProxy),
    ...paths("ssh.proxy", ofProxy),
    ...paths("ssh", ofSsh),
  ];
}
