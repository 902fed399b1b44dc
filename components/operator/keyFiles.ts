import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { MeshConfig } from "../../mesh/config";
import { type KeyPlace, usedKeyPlaces } from "../../mesh/keyPlaces";
import { isEncrypted, privateKeyFault } from "../../mesh/privateKeys";
import { type Problem, show } from "../../mesh/problem";
import { passphraseOpens } from "./passphrase";

/** The key files that a config names, on the operator's machine. Each is read once. */
export class KeyFiles {
  private readonly contents = new Map<string, Content>();
  private readonly faults = new Map<string, string | undefined>();

  /** Undefined where it cannot be read. */
  readonly contentOf = (file: string): string | undefined => this.read(file).text;

  /** What keeps the keys of a config from opening its servers. `unknownPaths` holds the paths of values that are not known yet. */
  problemsOf(config: MeshConfig, unknownPaths: ReadonlySet<string>): Problem[] {
    return usedKeyPlaces(config).flatMap((place) => this.problemsAt(place, unknownPaths));
  }

  private problemsAt({ path, names, file, key, passphrase }: KeyPlace, unknownPaths: ReadonlySet<string>): Problem[] {
    const [name, shown] = file === undefined ? [names.key, "(secret)"] : [names.file, show(file)];
    const { text, error } = file === undefined ? { text: key, error: undefined } : this.read(file);
    const problem = (field: string, message: string) => [{ path: `${path}.${field}`, message }];
    if (error) return problem(name, `${shown} cannot be read here (${error}): give the path of a private key`);
    if (text === undefined) return [];
    const given = passphrase !== undefined || unknownPaths.has(`${path}.${names.passphrase}`);
    const fault = this.faultOf(text, names.passphrase, given);
    if (fault) return problem(name, `${shown} ${fault}`);
    if (passphrase !== undefined && isEncrypted(text) && passphraseOpens(text, passphrase) === false) {
      return problem(names.passphrase, "(secret) is not the passphrase of the key beside it");
    }
    return [];
  }

  /** What ssh makes use of beside these keys, and the provider does not. */
  warningsOf(config: MeshConfig): Problem[] {
    return usedKeyPlaces(config).flatMap(({ path, names, file }) => {
      if (file === undefined || !existsSync(`${atHome(file)}-cert.pub`)) return [];
      const message = `"${file}-cert.pub" lies beside it: ssh shows this certificate too, the provider the key alone, so that the servers have to know the key itself`;
      return [{ path: `${path}.${names.file}`, message }];
    });
  }

  private read(file: string): Content {
    if (!this.contents.has(file)) this.contents.set(file, contentOf(file));
    return this.contents.get(file)!;
  }

  private faultOf(text: string, setting: string, given: boolean): string | undefined {
    const question = `${setting} ${given} ${text}`;
    if (!this.faults.has(question)) this.faults.set(question, privateKeyFault(text, { setting, given }));
    return this.faults.get(question);
  }
}

/** What a file holds, or the code of the error that kept it from being read. */
interface Content {
  text?: string;
  error?: string;
}

function contentOf(file: string): Content {
  try {
    return { text: readFileSync(atHome(file), "utf8") };
  } catch (error) {
    return { error: String((error as NodeJS.ErrnoException).code) };
  }
}

function atHome(file: string): string {
  return file.replace(/^~(?=\/)/, homedir());
}
