/** Told one line at a time. */
export type Log = (line: string) => void;

/** One way to get the engine's programs. */
export interface Source {
  /** Returns the directory that holds them; throws the reason why this way has none. */
  find(log: Log): Promise<string>;
  /** Completes "Pulumi engine: " where it worked. */
  found: string;
}

/** The directory of the first source that has one. Each source says one line about how it went. */
export async function firstOf(sources: Source[], log: Log): Promise<string> {
  for (const source of sources) {
    try {
      const directory = await source.find((line) => log(`Pulumi engine: ${line}`));
      log(`Pulumi engine: ${source.found}`);
      return directory;
    } catch (error) {
      log(`Pulumi engine: ${(error as Error).message}`);
    }
  }
  throw new Error("the Pulumi engine cannot be had: install Pulumi (https://get.pulumi.com), or Go to compile it");
}
