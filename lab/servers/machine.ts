import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, type RunOptions, run } from "../process";
import { waitUntil } from "../wait";
import { addressesOf, macAddress, wanMacAddress } from "./addresses";
import { controlGroup } from "./holder";
import { imageLayers } from "./image";
import type { ServerRecord } from "./record";
import { script } from "./script";

/** The part of a lab that a machine needs. */
export interface Site {
  readonly directory: string;
  readonly keyFile: string;
  readonly holderPid: number;
}

/** The hardware of one server: power and a way in that needs no network. */
export class Machine {
  readonly directory: string;

  constructor(
    private readonly site: Site,
    private readonly record: ServerRecord,
  ) {
    this.directory = path.join(site.directory, "servers", record.name);
    mkdirSync(this.directory, { recursive: true });
  }

  /** The public half of the server's host key, "ssh-ed25519 AAAA…", once its disk is made. */
  get hostKey(): string {
    const file = path.join(this.directory, "hostkey");
    return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  }

  get isOff(): boolean {
    return readFileSync(path.join(this.directory, "state"), "utf8").trim() === "off";
  }

  async powerOn(): Promise<void> {
    const { name, slot, suite, nat, packages, containers, authorizedKey = "", generation } = this.record;
    const addresses = addressesOf(slot, nat);
    const authorizedKeys = path.join(this.directory, "authorized_keys");
    writeFileSync(authorizedKeys, `${readFileSync(`${this.site.keyFile}.pub`, "utf8")}${authorizedKey}\n`);
    const env = {
      PATH: process.env.PATH,
      NAME: name,
      SLOT: String(slot),
      GENERATION: String(generation),
      SERVER_DIRECTORY: this.directory,
      LAYERS: (await imageLayers(suite, packages)).join(":"),
      CONTROL_GROUP: controlGroup(this.site.directory),
      AUTHORIZED_KEYS: authorizedKeys,
      MAC: macAddress(slot),
      ADDRESS: addresses.address,
      ADDRESS6: addresses.address6 ?? "",
      GATEWAY: addresses.gateway,
      OPERATOR_ADDRESS: addresses.operatorAddress,
      WAN_ADDRESS: this.record.wanAddress ?? "",
      WAN_MAC: wanMacAddress(slot),
      FILTER: containers ? "0" : "1", // of system calls, by nspawn
    };
    writeFileSync(path.join(this.directory, "state"), "booting\n");
    const log = openSync(path.join(this.directory, "machine.log"), "a");
    const [program, ...argv] = this.inLab("-m", "-p", "-n", "-u", "-i", "--", "bash", script("machine.sh"));
    spawn(program!, argv, { cwd: "/", detached: true, env, stdio: ["ignore", log, log] }).unref();
    closeSync(log);
  }

  /** Shuts down as by the power button, or cuts the power. */
  async powerOff(hard: boolean): Promise<void> {
    if (!this.isOff) {
      await this.signal(hard ? "KILL" : "RTMIN+4");
    }
    await waitUntil(async () => this.isOff, 180, `${this.record.name} powering off`);
  }

  /** As if someone typed "reboot" at the console. */
  async restart(): Promise<void> {
    await this.signal("RTMIN+5");
  }

  run(argv: string[], options: RunOptions = {}): Promise<Result> {
    // Killing the way in would leave the program behind, so the limit holds inside too.
    const limit = options.timeout ? ["timeout", "-s", "KILL", String(options.timeout / 1000)] : [];
    return run(this.inside("run", ...limit, ...argv), { ...options, timeout: undefined });
  }

  /** Why a server does not come up is in one of these. */
  lastWords(): string {
    const files = ["machine.log", "console.log"].map((name) => path.join(this.directory, name)).filter(existsSync);
    return files.map((file) => readFileSync(file, "utf8").split("\n").slice(-8).join("\n")).join("");
  }

  private async signal(name: string): Promise<void> {
    await run(this.inside("signal", name));
  }

  private inside(...argv: string[]): string[] {
    return this.inLab("-m", "-p", "--", "sh", script("inside.sh"), this.directory, ...argv);
  }

  private inLab(...argv: string[]): string[] {
    return ["nsenter", "-t", String(this.site.holderPid), ...argv];
  }
}
