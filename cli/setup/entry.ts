import type { MeshConfig, ServerConfig } from "../../mesh/config";
import { indexOf } from "../../mesh/mesh";
import { ProblemsError } from "../../mesh/problem";
import { checkMesh } from "../../mesh/validate";
import type { ConfigFile, Entry } from "./configFile";

/** Where the indexes of private servers begin: below are those of public ones, of which more may come. */
const firstPrivate = 200;

/** An entry without the fields that were not given. */
export function entryOf(fields: { [field: string]: Entry[string] | undefined }): Entry {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Entry;
}

/** An entry with the next free index, where neither it nor its name says one. */
export function withIndex(file: ConfigFile, name: string, entry: Entry): Entry {
  if (entry.index !== undefined || /\d$/.test(name)) return entry;
  const { config, encrypted } = file.read();
  const { address, ...rest } = entry;
  const at = (index: number) => ({ address, index, ...rest }) as Entry;
  const fits = (index: number) => {
    const servers = { ...config.servers, [name]: at(index) as unknown as ServerConfig };
    try {
      checkMesh({ ...config, servers }, encrypted);
      return true;
    } catch (error) {
      if (error instanceof ProblemsError) return false;
      throw error;
    }
  };
  const candidates = candidatesAfter(config, entry.public !== false);
  return at(candidates.find(fits) ?? candidates[0]!);
}

/** After the highest of its kind first, then what is left. */
function candidatesAfter(config: MeshConfig, isPublic: boolean): number[] {
  const indexes = Object.entries(config.servers ?? {})
    .filter(([, server]) => (server?.public ?? true) === isPublic)
    .map(([name, server]) => indexOf(name, server) ?? 0);
  const first = Math.max(isPublic ? 1 : firstPrivate, ...indexes.map((index) => index + 1));
  const all = Array.from({ length: 254 }, (_, at) => at + 1);
  return [...all.filter((index) => index >= first), ...all.filter((index) => index < first).reverse()];
}
