/** How ssh reaches servers: over a connection for each command, or over one that is kept. */
export interface Way {
  /** What ssh's environment needs beside its arguments. */
  readonly environment: NodeJS.ProcessEnv;
  /** ssh's arguments up to the host. Throws NotConnected where a server is not to be tried now. */
  argumentsFor(name: string): string[] | Promise<string[]>;
  /** Why a command may have failed, where the way knows better than ssh. */
  whyNot?(name: string): Promise<string | undefined>;
}

/** A server that cannot be asked just now, and why. */
export class NotConnected extends Error {}
