import { existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { type Result, type RunOptions, run } from "../process";
import { addressesOf, lastSlot } from "./addresses";
import { endHolder, findHolder, isDead, startHolder } from "./holder";
import { ensureHost } from "./host";
import { imageLayers, type Suite } from "./image";
import { type LabRecord, readRecord, type ServerRecord, writeRecord } from "./record";
import { LabServer } from "./server";
import { writeSshConfig } from "./ssh";

export interface ServerOptions {
  /** Also the host name. */
  name: string;
  suite?: Suite;
  /** Behind its own home router: masquerade out, nothing in. */
  nat?: boolean;
  /** WireGuard, nftables, iptables, socat, iperf3, tcpdump and curl are installed already. Default: a bare server. */
  packages?: boolean;
  /** It runs containers itself, which nspawn's filter of system calls stands in the way of. */
  containers?: boolean;
  /** A public key that may log in, beside the operator's. */
  authorizedKey?: string;
}

export interface LabOptions {
  /** Where the lab keeps its files; a new directory in the cache by default. It is deleted with the lab. */
  directory?: string;
  servers: ServerOptions[];
  /** The lab outlives this process, until somebody attaches to it and takes it down. Default false. */
  keep?: boolean;
  log?: (line: string) => void;
}

/** Throw-away servers on this machine, in a network of their own that has no way out except to Debian's mirror. */
export class Lab {
  /** Images that are missing are built first, which takes minutes the first time. */
  static async up(options: LabOptions): Promise<Lab> {
    const log = options.log ?? (() => {});
    await ensureHost(log);
    await sweep();
    for (const { suite, packages } of options.servers) {
      await imageLayers(suite ?? "bookworm", packages ?? false, log);
    }
    const directory = await newDirectory(options.directory);
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator", "-f", keyFileIn(directory)]);
    writeRecord(directory, { servers: [], newestSlot: 0 });
    try {
      const { holder } = await startHolder(directory, options.keep ?? false);
      const lab = new Lab(directory, holder.pid);
      await lab.boot(options.servers);
      return lab;
    } catch (error) {
      await endHolder(directory);
      throw error;
    }
  }

  /** The lab that is up in this directory already. */
  static async attach(directory: string): Promise<Lab | undefined> {
    const found = findHolder(path.resolve(directory));
    return found && new Lab(path.resolve(directory), found.holder.pid);
  }

  /** The operator's private ssh key, without a passphrase; the public one is beside it, in ".pub". */
  readonly keyFile: string;
  /** For ssh -F. It knows the servers by name, and their host keys. */
  readonly sshConfig: string;
  readonly servers: LabServer[];
  private readonly record: LabRecord;

  private constructor(
    readonly directory: string,
    readonly holderPid: number,
  ) {
    this.keyFile = keyFileIn(directory);
    this.sshConfig = path.join(directory, "ssh_config");
    this.record = readRecord(directory);
    this.servers = this.record.servers.map((record) => new LabServer(this, record));
  }

  server(name: string): LabServer {
    const found = this.servers.find((server) => server.name === name);
    if (!found) {
      throw new Error(`The lab has no server "${name}"; it has ${this.servers.map((s) => s.name).join(", ")}`);
    }
    return found;
  }

  /** One more server, from its order to ssh. */
  async add(options: ServerOptions): Promise<LabServer> {
    const [server] = await this.boot([options]);
    return server!;
  }

  /** Cuts the server's power, deletes its disk and forgets it. */
  async remove(name: string): Promise<void> {
    const server = this.server(name);
    await server.off({ hard: true });
    await server.forget();
    this.servers.splice(this.servers.indexOf(server), 1);
    this.record.servers = this.record.servers.filter((record) => record.name !== name);
    this.save();
  }

  /** Runs a program of this machine in the lab's network, as the operator. Only the network changes. */
  run(argv: string[], options?: RunOptions): Promise<Result> {
    return run(this.command(argv), options);
  }

  /** What run() executes. */
  command(argv: string[]): string[] {
    return ["nsenter", "-t", String(this.holderPid), "-n", "--", ...argv];
  }

  /** Ends everything and deletes the directory. */
  async down(): Promise<void> {
    await endHolder(this.directory);
  }

  /** For the servers: runs a program of this machine beside the cables, routers and disks. */
  inside(argv: string[], options?: RunOptions): Promise<Result> {
    return run(["nsenter", "-t", String(this.holderPid), "-n", "-m", "-p", "--", ...argv], options);
  }

  /** For the servers: writes down what changed. */
  save(): void {
    writeRecord(this.directory, this.record);
    writeSshConfig(this.sshConfig, this.keyFile, this.servers);
  }

  private async boot(all: ServerOptions[]): Promise<LabServer[]> {
    const servers = all.map((options) => {
      const record = this.newRecord(options);
      const server = new LabServer(this, record);
      this.record.servers.push(record);
      this.servers.push(server);
      return server;
    });
    this.save();
    await Promise.all(servers.map((server) => server.start()));
    await Promise.all(servers.map((server) => server.waitForSsh()));
    return servers;
  }

  private newRecord(options: ServerOptions): ServerRecord {
    const { name, suite = "bookworm", nat = false, packages = false, containers, authorizedKey } = options;
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
      throw new Error(`"${name}" cannot be the name of a host`);
    }
    if (this.servers.some((server) => server.name === name)) {
      throw new Error(`The lab has a server "${name}" already`);
    }
    const slot = this.newSlot();
    const { wanAddress } = addressesOf(slot, nat);
    return { name, slot, suite, nat, packages, containers, authorizedKey, generation: 1, wanAddress };
  }

  /** In order of creation, and only when the last one is used, one that was free again. */
  private newSlot(): number {
    const taken = new Set(this.record.servers.map((record) => record.slot));
    for (let count = 0; count < lastSlot; count += 1) {
      const slot = ((this.record.newestSlot + count) % lastSlot) + 1;
      if (!taken.has(slot)) {
        this.record.newestSlot = slot;
        return slot;
      }
    }
    throw new Error(`A lab holds at most ${lastSlot} servers`);
  }
}

function keyFileIn(directory: string): string {
  return path.join(directory, "id_ed25519");
}

async function newDirectory(wanted?: string): Promise<string> {
  if (!wanted) {
    return mkdtempSync(path.join(cacheDirectory("labs"), "lab-"));
  }
  const directory = path.resolve(wanted);
  if (findHolder(directory)) {
    throw new Error(`A lab is up in ${directory} already`);
  }
  if (isDead(directory)) {
    await endHolder(directory);
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Error(`${directory} is not empty, and the lab would delete it in the end`);
  }
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Removes what is left of labs that died together with the process that cleans up after them. */
async function sweep(): Promise<void> {
  const labs = cacheDirectory("labs");
  for (const directory of readdirSync(labs).map((name) => path.join(labs, name))) {
    if (isDead(directory)) {
      await endHolder(directory);
    }
  }
}
