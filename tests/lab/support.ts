import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type Engine, ensureEngine } from "../../lab/engine/engine";
import { type OperationOptions, Stack } from "../../lab/engine/stack";
import type { Result } from "../../lab/process";
import { Lab, type ServerOptions } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { waitUntil } from "../../lab/wait";

let engine: Promise<Engine> | undefined;

/** The Pulumi engine, set up once for all tests of a file. */
export function testEngine(): Promise<Engine> {
  engine ??= ensureEngine(() => {});
  return engine;
}

/** The rules that `ufw limit ssh` makes: of an address that connects for the sixth time within 30 s no more is taken. */
export const ufwLimit = (seconds = 30) => `
  new="INPUT --protocol tcp --dport 22 --match conntrack --ctstate NEW --match recent --name limit"
  iptables --append $new --set
  iptables --append $new --update --seconds ${seconds} --hitcount 6 --jump REJECT`;

/** Waits on a server until something listens at "ADDRESS:PORT", by TCP or UDP. */
export const untilBound = (socket: string) => `until ss -Hltun | grep -qF ${socket}; do sleep 0.1; done`;

/** Stops the watch's timer; a run of it that has begun is waited for. */
export const unwatched = "systemctl stop fakevpc-vpc-watch.timer; systemctl start fakevpc-vpc-watch.service";

/** What a server's entry in `fakevpc:servers` may hold; the rest of its entry follows from the lab. */
export type ServerFields = Record<string, unknown>;

/** A lab, and a stack of this project's own program whose config names the lab's servers. */
export class TestMesh {
  /** The stack's config, without the project's name before each key. Change it, then `up()`. */
  readonly config: { servers: Record<string, ServerFields> } & Record<string, unknown>;

  private constructor(
    readonly lab: Lab,
    readonly stack: Stack,
  ) {
    this.config = { servers: {}, ssh: { privateKeyFile: lab.keyFile, connectTimeout: 20 } };
    for (const server of lab.servers) this.enter(server);
  }

  /** Boots the servers; the mesh is not applied yet. */
  static async start(servers: ServerOptions[]): Promise<TestMesh> {
    const lab = await Lab.up({ servers });
    const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-stack-"));
    const command = (argv: string[]) => lab.command(argv);
    return new TestMesh(lab, new Stack({ engine: await testEngine(), name: "test", directory, command }));
  }

  /** Puts a server of the lab into the config. */
  enter(server: LabServer, fields: ServerFields = {}): void {
    const { address, hostKey } = server;
    this.config.servers[server.name] = { address, hostKey, ...(server.nat && { public: false }), ...fields };
  }

  async up(options: OperationOptions = {}): Promise<Result> {
    await this.writeConfig();
    return this.stack.up(options);
  }

  async preview(options: OperationOptions = {}): Promise<Result> {
    await this.writeConfig();
    return this.stack.preview(options);
  }

  async destroy(options: OperationOptions = {}): Promise<Result> {
    await this.writeConfig();
    return this.stack.destroy(options);
  }

  async writeConfig(): Promise<void> {
    const entries = Object.entries(this.config).map(([key, value]) => [`fakevpc:${key}`, value]);
    await this.stack.setConfig(Object.fromEntries(entries));
  }

  private get domain(): string {
    return String(this.config.domain ?? "vpcdomain");
  }

  /** Runs a shell command on a server, in its own namespaces, and returns what it prints. */
  async on(server: string, command: string, options: { allowFailure?: boolean } = {}): Promise<string> {
    const { stdout } = await this.lab.server(server).exec(["sh", "-c", command], options);
    return stdout.trim();
  }

  /** The same on every server of the lab, at once; what each printed, by its name. */
  async onAll(command: string): Promise<Record<string, string>> {
    const all = this.lab.servers.map(async ({ name }) => [name, await this.on(name, command)] as const);
    return Object.fromEntries(await Promise.all(all));
  }

  /** For tests that break what the watch would put right; its timer runs on. */
  async switchOffWatch(): Promise<void> {
    const place = "/run/systemd/system/fakevpc-vpc-watch.service.d";
    const off = "printf '[Unit]\\nConditionPathExists=/nowhere\\n'";
    await this.onAll(`mkdir -p ${place}; ${off} > ${place}/off.conf; systemctl daemon-reload`);
  }

  /** Whether a server's name answers a ping from another server, within so many seconds. */
  async pings(from: string, to: string, tries = 30): Promise<boolean> {
    const argv = ["ping", "-c", "1", "-W", "1", to];
    for (let attempt = 0; attempt < tries; attempt++) {
      const { code } = await this.lab.server(from).exec(argv, { allowFailure: true });
      if (code === 0) return true;
    }
    return false;
  }

  /** The pairs, as "from to", of which the second's name does not answer the first. */
  async silentPairs(names: string[] = Object.keys(this.config.servers), domain = this.domain): Promise<string[]> {
    const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));
    const answers = await Promise.all(pairs.map(([from, to]) => this.pings(from, `${to}.${domain}`)));
    return pairs.filter((_, at) => !answers[at]).map((pair) => pair.join(" "));
  }

  /** Waits until every server's name answers every other: after a reboot of its peer a server needs some seconds. */
  async untilAllAnswer(domain?: string): Promise<void> {
    let silent: string[] = [];
    const none = async () => {
      silent = await this.silentPairs(Object.keys(this.config.servers), domain);
      return silent.length === 0;
    };
    await waitUntil(none, 180, "answers of the whole mesh").catch((error: Error) => {
      throw new Error(`${error.message}; silent: ${silent.join(", ")}`);
    });
  }

  async end(): Promise<void> {
    await this.lab.down();
    await this.stack.remove();
  }
}
