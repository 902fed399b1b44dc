import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CommandError } from "./pulumi";
import type { StoredMesh } from "./state";

/** What ssh reads from files: the stack's private key and the servers' host keys. They are gone when the process ends. */
export class SshFiles {
  private readonly directory = mkdtempSync(path.join(tmpdir(), "fakevpc-")); // its mode is 0700
  private readonly keyFile?: string;
  private readonly remove = () => rmSync(this.directory, { recursive: true, force: true });

  /** `identity` is a key file that is used instead of the stack's key. */
  constructor(
    private readonly stored: StoredMesh,
    identity?: string,
  ) {
    process.on("exit", this.remove);
    this.keyFile = identity;
    if (!identity && stored.privateKey !== undefined) {
      this.keyFile = path.join(this.directory, "key");
      writeFileSync(this.keyFile, `${stored.privateKey.trimEnd()}\n`, { mode: 0o600 });
    }
    const known = Object.entries(stored.servers).filter(([, { hostKey }]) => hostKey !== undefined);
    writeFileSync(this.knownHosts, known.map(([name, { hostKey }]) => `${name} ${hostKey}\n`).join(""));
  }

  /** Where a server is, who logs in, and how each proves itself to the other. */
  argumentsFor(name: string): string[] {
    const { host, port, user, hostKey } = this.stored.servers[name]!;
    if (host === undefined) {
      throw new CommandError(`the address of ${name} is a secret of the stack: run without --identity`);
    }
    const key = this.keyFile ? ["-i", this.keyFile, "-o", "IdentitiesOnly=yes"] : [];
    // A server whose host key the stack does not say is believed the first time, as ssh's users know it.
    const trust =
      hostKey === undefined
        ? ["-o", "StrictHostKeyChecking=accept-new"]
        : [
            ["-o", "StrictHostKeyChecking=yes", "-o", `HostKeyAlias=${name}`],
            ["-o", `UserKnownHostsFile=${this.knownHosts}`, "-o", "GlobalKnownHostsFile=/dev/null"],
          ].flat();
    return ["-p", String(port), "-l", user, ...key, ...trust, "--", host];
  }

  close(): void {
    this.remove();
    process.off("exit", this.remove);
  }

  private get knownHosts(): string {
    return path.join(this.directory, "known_hosts");
  }
}
