import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { addressesOf } from "./addresses";
import type { Lab } from "./lab";

/** A name server at the operator's address of a lab. It knows the names that it is told, and ends with the lab. */
export class NameServer {
  /** What a server's resolv.conf says to ask it. */
  readonly resolvConf: string;
  private readonly addresses = new Map<string, string[]>();

  private constructor(private readonly lab: Lab) {
    this.resolvConf = `nameserver ${operatorAddress}\n`;
  }

  static async start(lab: Lab): Promise<NameServer> {
    const server = new NameServer(lab);
    await server.write();
    return server;
  }

  /** Gives a name these addresses, or takes it away where there are none. */
  async setName(name: string, ...addresses: string[]): Promise<void> {
    this.addresses.set(name, addresses);
    await this.write();
  }

  private async write(): Promise<void> {
    const lines = [...this.addresses].flatMap(([name, all]) => all.map((address) => `${address} ${name}\n`));
    writeFileSync(this.file("names"), lines.join(""));
    if (existsSync(this.file("dnsmasq.pid"))) {
      await this.lab.inside(["kill", "-HUP", readFileSync(this.file("dnsmasq.pid"), "utf8").trim()]);
      return;
    }
    const files = [`--addn-hosts=${this.file("names")}`, `--pid-file=${this.file("dnsmasq.pid")}`];
    const alone = ["--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--local=/#/", "--local-ttl=1", "--user=root"];
    await this.lab.inside([
      "dnsmasq",
      ...files,
      ...alone,
      `--listen-address=${operatorAddress}`,
      "--bind-interfaces",
      "--log-facility=/dev/null",
    ]);
  }

  private file(name: string): string {
    return path.join(this.lab.directory, name);
  }
}

const { operatorAddress } = addressesOf(1, false);
