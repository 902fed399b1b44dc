import type { LabServer } from "../../lab/servers/server";
import { indexOf } from "../../mesh/mesh";
import type { TestMesh } from "../lab/support";
import type { Dice } from "./dice";

/** A server of the lab that is in the mesh, under a name that may change. */
export interface Member {
  name: string;
  server: LabServer;
}

/** The mesh of a soak, and what its changes are drawn from. */
export class World {
  members: Member[] = [];
  /** The one that something happened to, until an up has looked at it. */
  damaged?: Member;
  /** The address on which each service listens; by its name in the config. */
  readonly listensAt = new Map<string, string>();
  private count = 0;

  constructor(
    readonly mesh: TestMesh,
    readonly dice: Dice,
  ) {
    mesh.config.servers = {};
    for (const server of mesh.lab.servers.slice(0, -1)) this.enter(server);
  }

  /** The lab's servers that are in no mesh now; there is always one. */
  get outsiders(): LabServer[] {
    return this.mesh.lab.servers.filter((server) => !this.members.some((member) => member.server === server));
  }

  /** The indexes of the members. */
  get indexes(): number[] {
    return this.members.map((member) => indexOf(member.name, this.entry(member) as never)!);
  }

  get domain(): string {
    return String(this.mesh.config.domain ?? "vpcdomain");
  }

  /** Those that are as the last up left them. */
  get sound(): Member[] {
    return this.members.filter((member) => member !== this.damaged);
  }

  /** Another number each time, for what must be new. */
  fresh(): number {
    this.count += 1;
    return this.count;
  }

  /** The entry of a member in the config. */
  entry({ name }: Member): Record<string, unknown> {
    return this.mesh.config.servers[name]!;
  }

  enter(server: LabServer): void {
    const { name, address, hostKey, nat } = server;
    this.mesh.config.servers[name] = { address, hostKey, ...(nat ? { public: false, index: 200 } : {}) };
    this.members.push({ name, server });
  }

  leave(member: Member): void {
    delete this.mesh.config.servers[member.name];
    this.members = this.members.filter((other) => other !== member);
    const { services = {} } = this.mesh.config as { services?: Record<string, { server: string }> };
    for (const [service, { server }] of Object.entries(services)) {
      if (server === member.name) delete services[service];
    }
  }

  rename(member: Member, name: string): void {
    const entry = this.entry(member);
    const index = entry.index ?? Number(/\d+$/.exec(member.name)![0]);
    delete this.mesh.config.servers[member.name];
    this.mesh.config.servers[name] = { ...entry, index };
    for (const service of Object.values((this.mesh.config.services ?? {}) as Record<string, { server: string }>)) {
      if (service.server === member.name) service.server = name;
    }
    member.name = name;
  }

  /** Has the next up look at a member again, whatever it believes of it. */
  lookAgain(member: Member): void {
    this.damaged = member;
    this.entry(member).reapply = `look ${this.fresh()}`;
  }
}
