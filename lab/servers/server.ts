import { rmSync } from "node:fs";
import * as path from "node:path";
import { type Result, type RunOptions, run } from "../process";
import { waitUntil } from "../wait";
import { addressesOf, macAddress, otherWanAddress, wanMacAddress } from "./addresses";
import type { Suite } from "./image";
import type { Lab } from "./lab";
import { Machine } from "./machine";
import type { ServerRecord } from "./record";

/** What sudo asks the user "opspw" for; "ops" needs none. */
export const sudoPassword = "lab-sudo-password";

const bootIdFile = "/proc/sys/kernel/random/boot_id";

/** One real server: Debian with systemd, sshd and a network card, and somebody at its power plug and cables. */
export class LabServer {
  private readonly machine: Machine;

  /** Made by the lab. */
  constructor(
    private readonly lab: Lab,
    private readonly record: ServerRecord,
  ) {
    this.machine = new Machine(lab, record);
  }

  get name(): string {
    return this.record.name;
  }

  get suite(): Suite {
    return this.record.suite;
  }

  get nat(): boolean {
    return this.record.nat;
  }

  /** IPv4, where the operator's ssh reaches it. */
  get address(): string {
    return addressesOf(this.record.slot, this.nat).address;
  }

  /** Only servers on the public network have one. */
  get address6(): string | undefined {
    return addressesOf(this.record.slot, this.nat).address6;
  }

  /** The public address of the home router before it, if it is behind NAT. */
  get wanAddress(): string | undefined {
    return this.record.wanAddress;
  }

  /** "ssh-ed25519 AAAA…"; another one after a reset. */
  get hostKey(): string {
    return this.machine.hostKey;
  }

  /** Runs a shell command over ssh. */
  ssh(command: string, options: RunOptions & { user?: "root" | "ops" | "opspw" } = {}): Promise<Result> {
    const { user = "root", ...rest } = options;
    return this.lab.run(["ssh", "-F", this.lab.sshConfig, "-l", user, this.name, command], rest);
  }

  /** Runs a program straight in the server, as root and without its network: also works while ssh is cut. */
  exec(argv: string[], options?: RunOptions): Promise<Result> {
    return this.machine.run(argv, options);
  }

  /** Changes with every boot. */
  async bootId(): Promise<string> {
    return (await this.exec(["cat", bootIdFile])).stdout.trim();
  }

  async reboot(options: { hard?: boolean } = {}): Promise<void> {
    const before = await this.bootId();
    if (options.hard) {
      await this.off({ hard: true });
      await this.machine.powerOn();
    } else {
      await this.machine.restart();
    }
    await this.waitForSsh(before);
  }

  async off(options: { hard?: boolean } = {}): Promise<void> {
    await this.machine.powerOff(options.hard ?? false);
  }

  async on(): Promise<void> {
    if (this.machine.isOff) {
      await this.machine.powerOn();
    }
    await this.waitForSsh();
  }

  /** A blank disk with a new host key, as after a new installation. The name and the addresses stay. */
  async reset(): Promise<void> {
    await this.off({ hard: true });
    rmSync(path.join(this.machine.directory, "hostkey"));
    // A new disk under a new name: the old one may still be busy.
    const old = path.join(this.machine.directory, `disk${this.record.generation}`);
    await this.lab.inside(["umount", "-l", `/run/lab/root/s${this.record.slot}.${this.record.generation}`]);
    this.record.generation += 1;
    this.lab.save();
    await run(["rm", "-rf", "--one-file-system", old]);
    await this.machine.powerOn();
    await this.waitForSsh();
  }

  /** Drops every packet between this server and the others silently, or between it and all the world. */
  async partition(...others: string[]): Promise<void> {
    for (const { set, element } of this.cuts(others)) {
      await this.rules(`add element bridge lab ${set} { ${element} }`);
    }
  }

  /** Ends every partition this server is part of. */
  async heal(): Promise<void> {
    const everyone = this.lab.servers.map((server) => server.name).filter((name) => name !== this.name);
    for (const { set, element } of [...this.cuts([]), ...this.cuts(everyone)]) {
      // Deleting what is not there fails, so it is added first.
      await this.rules(`add element bridge lab ${set} { ${element} }; delete element bridge lab ${set} { ${element} }`);
    }
  }

  /** Pulls the network cable. A reboot plugs it in again. */
  async unplug(): Promise<void> {
    await this.lab.inside(["ip", "link", "set", `s${this.record.slot}`, "down"]);
  }

  async plug(): Promise<void> {
    await this.lab.inside(["ip", "link", "set", `s${this.record.slot}`, "up"]);
  }

  /** The home router before this server gets another public address, as some providers do every night. */
  async changeWanAddress(): Promise<void> {
    const { slot, wanAddress } = this.record;
    if (!wanAddress) {
      throw new Error(`${this.name} is not behind NAT`);
    }
    const next = otherWanAddress(slot, wanAddress);
    const router = ["ip", "-n", `r${slot}`];
    await this.lab.inside([...router, "address", "delete", `${wanAddress}/24`, "dev", "wan"]);
    await this.lab.inside([...router, "address", "add", `${next}/24`, "dev", "wan"]);
    await this.lab.inside([...router, "route", "replace", "default", "via", "198.51.100.1"]);
    this.record.wanAddress = next;
    this.lab.save();
  }

  /** For the lab: switches the new server on, without waiting for it. */
  async start(): Promise<void> {
    await this.machine.powerOn();
  }

  /** For the lab: waits until ssh answers, from another boot than the one before. */
  async waitForSsh(before = ""): Promise<void> {
    const sees = (check: () => Promise<boolean>) => async () => {
      if (this.machine.isOff) {
        throw new Error(`${this.name} is off`);
      }
      return check();
    };
    const answers = async () => {
      const { code, stdout } = await this.ssh(`cat ${bootIdFile}`, { allowFailure: true, timeout: 10_000 });
      return code === 0 && stdout.trim() !== before;
    };
    try {
      await waitUntil(
        sees(async () => this.hostKey !== ""),
        180,
        `the disk of ${this.name}`,
      );
      this.lab.save();
      await waitUntil(sees(answers), 300, `ssh to ${this.name}`);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.machine.lastWords()}`);
    }
  }

  /** For the lab: what is left of the server on this machine, after it is off. */
  async forget(): Promise<void> {
    const { slot, generation } = this.record;
    await this.heal();
    await this.lab.inside(["umount", "-l", `/run/lab/root/s${slot}.${generation}`]);
    if (this.nat) {
      await this.lab.inside(["ip", "netns", "delete", `r${slot}`]);
      await this.lab.inside(["ip", "link", "delete", `br-lan${slot}`]);
    }
    await run(["rm", "-rf", "--one-file-system", this.machine.directory]);
  }

  /** The card's own address, or the router's where that is all the others see. */
  private get publicMac(): string {
    return this.nat ? wanMacAddress(this.record.slot) : macAddress(this.record.slot);
  }

  private cuts(others: string[]): { set: string; element: string }[] {
    if (others.length === 0) {
      return [{ set: "cut", element: `"s${this.record.slot}"` }];
    }
    return others.flatMap((name) => {
      const [one, two] = [this.publicMac, this.lab.server(name).publicMac];
      return [
        { set: "pairs", element: `${one} . ${two}` },
        { set: "pairs", element: `${two} . ${one}` },
      ];
    });
  }

  private async rules(text: string): Promise<void> {
    await this.lab.inside(["nft", "-f", "-"], { input: text });
  }
}
