/** What a step saw and left alone, by its lines of that kind (`note` in host/parts/lib.sh). */
export function warningsIn(stdout: string): string[] {
  return [...stdout.matchAll(/^(\S+) (?:host|mesh): warning: (.*?)\r?$/gm)].map(
    ([, server, words]) => `${server}: ${words}`,
  );
}

/** When a step ran, in seconds since 1970, by the clock of its server; 0 where it did not say (`date_output` in host/parts/lib.sh). */
export function printedAt(stdout: string): number {
  return Number(dated.exec(stdout)?.[1] ?? 0);
}

/** What a server may have in common with a copy of its disk, as "KIND:DIGEST" (`identity` in host/parts/packages.sh). */
export function identitiesIn(stdout: string): string[] {
  return dated.exec(stdout)?.[2]?.match(/\S+/g) ?? [];
}

const dated = /^fakevpc (?:host|mesh) at (\d+)(.*?)\r?$/m;

/** A sentence for two servers that show the same one. */
export function shared(identity: string, servers: [string, string]): string {
  const [kind] = identity.split(":");
  return `${servers.join(" and ")} have the same ${kind === "machine-id" ? machineId : hostKey}`;
}

const machineId =
  "machine id, as copies of one disk do, and what tells machines apart by it takes them for one: " +
  'on one of them run "rm /etc/machine-id; systemd-machine-id-setup" and reboot it';

const hostKey =
  "SSH host key, as copies of one disk do, so either can pass itself off as the other: " +
  'on one of them run "rm /etc/ssh/ssh_host_*; ssh-keygen -A", restart its SSH, and put its new key into `hostKey`';
