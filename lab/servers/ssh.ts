import { renameSync, writeFileSync } from "node:fs";

interface Known {
  name: string;
  address: string;
  hostKey: string;
}

/** Writes a configuration for ssh -F that knows every server by name and by its host key. */
export function writeSshConfig(file: string, keyFile: string, servers: Known[]): void {
  const knownHosts = `${file}.known_hosts`;
  const lines = servers.flatMap(({ name, address }) => [`Host ${name}`, `  HostName ${address}`]);
  lines.push(
    "Host *",
    "  User root",
    `  IdentityFile "${keyFile}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${knownHosts}"`,
    "  GlobalKnownHostsFile /dev/null",
    "  StrictHostKeyChecking yes",
    "  BatchMode yes",
    "  ConnectTimeout 5",
    "  LogLevel ERROR",
  );
  const keys = servers.filter((server) => server.hostKey).map((server) => `${server.address} ${server.hostKey}`);
  write(knownHosts, keys);
  write(file, lines);
}

/** Many programs read these at any time, so they are never half written. */
function write(file: string, lines: string[]): void {
  writeFileSync(`${file}.new`, `${lines.join("\n")}\n`);
  renameSync(`${file}.new`, file);
}
