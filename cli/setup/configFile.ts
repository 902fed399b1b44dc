import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Document, isMap, parseDocument, type YAMLMap } from "yaml";
import type { MeshConfig } from "../../mesh/config";
import { settingOf } from "../../mesh/settings";
import { checkMesh } from "../../mesh/validate";
import { checked } from "../stack/config";
import type { Project } from "../stack/project";
import { CommandError } from "../stack/pulumi";

/** A server's entry in `servers`, as it is written. */
export type Entry = Record<string, string | number | boolean | { secure: string }>;

/** A stack's config as the file that people edit: what is changed here leaves comments and order as they are. */
export class ConfigFile {
  private readonly document: Document;
  private readonly prefix: string;

  constructor(
    project: Project,
    readonly file: string,
  ) {
    this.prefix = `${project.name}:`;
    this.document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
    const [problem] = this.document.errors;
    if (problem) throw new CommandError(`${file} is no YAML: ${problem.message}`);
  }

  /** The names of the servers, in the file's order. */
  get names(): string[] {
    return this.servers?.items.map(({ key }) => String(key)) ?? [];
  }

  get hasServers(): boolean {
    return this.servers !== undefined;
  }

  /** The config as the program reads it, but without what is encrypted, and the paths of that. */
  read(): { config: MeshConfig; encrypted: Set<string> } {
    const encrypted = new Set<string>();
    const settings = (this.document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
    const entries = Object.entries(settings)
      .filter(([key, value]) => key.startsWith(this.prefix) && value !== null)
      .map(([key, value]) => [key.slice(this.prefix.length), value] as const)
      .map(([key, value]) => [
        key,
        typeof value === "object" ? plain(value, key, encrypted) : settingOf(key, String(value)),
      ]);
    return { config: Object.fromEntries(entries) as MeshConfig, encrypted };
  }

  /** Throws with everything that the rules of the mesh have against the config as it is now. */
  check(): void {
    const { config, encrypted } = this.read();
    checked(() => checkMesh(config, encrypted));
  }

  /** One setting of the mesh, with a comment before it. */
  set(setting: string, value: unknown, comment: string): void {
    const key = this.document.createNode(this.prefix + setting);
    key.commentBefore = ` ${comment}`;
    if (!isMap(this.document.getIn(["config"]))) this.document.setIn(["config"], this.document.createNode({}));
    const config = this.document.getIn(["config"]) as YAMLMap;
    config.add({ key, value: this.document.createNode(value) });
  }

  addServer(name: string, entry: Entry): void {
    const node = this.document.createNode(entry) as YAMLMap;
    const servers = this.servers ?? this.addServers();
    // Beside entries of one line it takes one line, too, where that is not too long.
    const styles = servers.items.map(({ value }) => isMap(value) && value.flow === true);
    node.flow = JSON.stringify(entry).length < 100 && (styles.length === 0 || styles.at(-1) === true);
    servers.flow = false;
    servers.set(this.document.createNode(name), node);
  }

  setOfServer(name: string, field: string, value: string | boolean): void {
    this.document.setIn(["config", `${this.prefix}servers`, name, field], value);
  }

  removeServer(name: string): void {
    this.document.deleteIn(["config", `${this.prefix}servers`, name]);
  }

  /** The services that a server no longer offers once it is gone; their names. */
  removeServicesOf(server: string): string[] {
    const services = Object.entries(this.read().config.services ?? {});
    const names = services.filter(([, service]) => service?.server === server).map(([name]) => name);
    for (const name of names) this.document.deleteIn(["config", `${this.prefix}services`, name]);
    if (names.length > 0 && names.length === services.length)
      this.document.deleteIn(["config", `${this.prefix}services`]);
    return names;
  }

  get text(): string {
    return this.document.toString({ lineWidth: 0, flowCollectionPadding: true });
  }

  /** All of it or nothing: an interrupted write leaves the file as it was. */
  write(): void {
    mkdirSync(path.dirname(this.file), { recursive: true });
    const beside = `${this.file}.new`;
    writeFileSync(beside, this.text, { mode: existsSync(this.file) ? statSync(this.file).mode & 0o777 : 0o644 });
    renameSync(beside, this.file);
  }

  private get servers(): YAMLMap | undefined {
    const found = this.document.getIn(["config", `${this.prefix}servers`]);
    if (found === undefined || found === null) return undefined;
    if (isMap(found) && !found.has("secure")) return found;
    throw new CommandError(`${this.file}: "${this.prefix}servers" is not a map of servers that can be edited here`);
  }

  private addServers(): YAMLMap {
    this.set("servers", {}, "The number at the end of a name is the server's index, which its addresses come from.");
    return this.document.getIn(["config", `${this.prefix}servers`]) as YAMLMap;
  }
}

/** A value without the encrypted parts of it. */
function plain(value: unknown, at: string, encrypted: Set<string>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "secure") {
    encrypted.add(at);
    return undefined;
  }
  const kept = entries.map(([key, each]) => [key, plain(each, `${at}.${key}`, encrypted)] as const);
  return Object.fromEntries(kept.filter(([, each]) => each !== undefined));
}
