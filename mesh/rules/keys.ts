import type { MeshConfig } from "../config";
import { type KeyPlace, keyPlaces } from "../keyPlaces";
import { privateKeyOf } from "../keys";
import { type Problem, show } from "../problem";

/** What the keys that a config gives say of each other. */
export function keyProblems(config: MeshConfig): Problem[] {
  return [...keyPlaces(config).flatMap(sshProblems), ...versionProblems(config), ...sharedKeys(config)];
}

/** An SSH key is given in one way. */
function sshProblems({ path, names, file, key }: KeyPlace): Problem[] {
  if (file === undefined || key === undefined) return [];
  return [
    { path: `${path}.${names.file}`, message: `${show(file)} stands beside the key itself: give one of the two` },
  ];
}

/** A given key has no version: who wants another one gives another one. */
function versionProblems({ servers }: MeshConfig): Problem[] {
  const both = Object.entries(servers).filter(
    ([, { privateKey, keyVersion }]) => privateKey && keyVersion !== undefined,
  );
  return both.map(([name, { keyVersion }]) => ({
    path: `servers.${name}.keyVersion`,
    message: `${show(keyVersion)} stands beside privateKey: give one of the two`,
  }));
}

/** WireGuard knows a peer by its key alone, so two servers with one are one peer that is never where it was. */
function sharedKeys({ servers }: MeshConfig): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(servers).flatMap(([name, { privateKey, retired }]) => {
    if (privateKey === undefined || retired) return [];
    const key = privateKeyOf(privateKey);
    const owner = owners.get(key);
    owners.set(key, owner ?? name);
    return owner ? [sharedKey(name, owner)] : [];
  });
}

export function sharedKey(name: string, owner: string): Problem {
  const message = `(secret) is the key of ${owner} too: each server has its own, so let one have a new one`;
  return { path: `servers.${name}.privateKey`, message };
}
