import type { MeshConfig } from "../config";
import { indexOf } from "../mesh";
import type { Problem } from "../problem";

export const isIndex = (index: number) => index >= 1 && index <= 254;

/** Every server has an index of its own, by which it gets its addresses, and a name of its own. */
export function indexProblems(config: MeshConfig, unknown: ReadonlySet<string>): Problem[] {
  const offset = config.ifaceIpOffset ?? 1;
  const problems: Problem[] = [];
  const taken = new Map<number, string>();
  for (const [name, server] of Object.entries(config.servers)) {
    const path = `servers.${name}.index`;
    if (unknown.has(path) || unknown.has(`servers.${name}`) || server.retired) continue;
    const index = indexOf(name, server);
    const other = index === undefined ? undefined : taken.get(index);
    if (index === undefined) {
      problems.push({ path, message: `is missing: give one, or a name that ends in a number` });
    } else if (!isIndex(index)) {
      problems.push({ path, message: `${index} is not a whole number from 1 to 254` });
    } else if (other) {
      problems.push({ path, message: `${index} is the index of ${other} too: each server has its own` });
    } else if (offset + index - 1 > 255) {
      const range = `192.168.${offset + index - 1}.0/24`;
      problems.push({
        path,
        message: `${index} with ifaceIpOffset ${offset} leads to ${range}: their sum is 256 at most`,
      });
    }
    if (index !== undefined) taken.set(index, name);
  }
  return [...problems, ...spellings(config)];
}

/** Names are looked up without regard to capital letters. */
function spellings({ servers }: MeshConfig): Problem[] {
  const names = Object.keys(servers).filter((name) => !servers[name]!.retired);
  return names.flatMap((name, at) => {
    const twin = names.slice(0, at).find((other) => other.toLowerCase() === name.toLowerCase());
    return twin
      ? [{ path: `servers.${name}`, message: `"${name}" is the name of ${twin} too, but for capital letters` }]
      : [];
  });
}
