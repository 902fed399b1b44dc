import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { lastWords } from "./lastWords";
import type { SshFiles } from "./sshFiles";
import type { Turns } from "./turns";

/** Milliseconds after the end of a connection until the next one is tried. */
const pause = 10_000;

/** Milliseconds until a login that says nothing is given up. */
const patience = 20_000;

/** A connection that dies in silence is found dead within nine seconds. */
const alive = ["-o", "ServerAliveInterval=3", "-o", "ServerAliveCountMax=3"];

/** Comes back from the server once its shell runs, whatever else a login prints. */
const echo = "fakevpc is here";

/** Why a connection is not open whose turn is yet to come. */
export const notYet = "its turn to be asked has not come: a firewall may bear few connections at a time";

/** One connection to a server that stays open for many commands, and is opened anew when it broke. */
export class KeptConnection {
  /** The first try has ended, or its turn is yet to come. */
  readonly tried: Promise<void>;
  isOpen = false;
  /** Resolves with the end of the connection that is open or being opened. */
  ended: Promise<void> = Promise.resolve();
  /** Why it is not open. */
  error = "";
  private child?: ChildProcess;
  private timer?: NodeJS.Timeout;
  private settle = () => {};
  private readonly host: string;
  private readonly socket: string;

  constructor(
    private readonly name: string,
    private readonly ssh: SshFiles,
    private readonly turns: Turns,
  ) {
    this.host = ssh.loginOf(name).host ?? "";
    this.socket = ssh.socketOf(name);
    this.tried = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.begin();
  }

  /** ssh's arguments for a command by way of it. Without it ssh fails, and opens no connection of its own. */
  get argv(): string[] {
    const options = ["ControlMaster=no", "ProxyCommand=false", "LogLevel=ERROR"].flatMap((option) => ["-o", option]);
    return ["-S", this.socket, ...options, "--", this.host];
  }

  close(): void {
    clearTimeout(this.timer);
    this.child?.removeAllListeners("close").kill();
    this.settle();
  }

  private begin(): void {
    const wait = this.turns.take(this.ssh.loginOf(this.name).proxy?.host ?? this.host);
    if (wait === 0) {
      this.open();
      return;
    }
    this.error ||= notYet;
    this.settle();
    this.timer = setTimeout(() => this.open(), wait);
  }

  private open(): void {
    rmSync(this.socket, { force: true }); // one that a killed ssh left would be in the way
    // cat ends with this process, and the connection with cat.
    const argv = ["-T", "-M", "-S", this.socket, ...alive, ...this.ssh.argumentsFor(this.name), "cat"];
    const child = spawn("ssh", argv, { env: { ...process.env, ...this.ssh.environment } });
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once("close", () => resolve());
    });
    this.timer = setTimeout(() => child.kill("SIGKILL"), patience);
    let [said, complaint] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (this.isOpen || !said.includes(echo)) return;
      clearTimeout(this.timer);
      this.isOpen = true;
      this.settle();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    child.on("error", () => {}); // it closes, too
    child.on("close", (_, signal) => {
      clearTimeout(this.timer);
      this.isOpen = false;
      this.error = lastWords(complaint) || (signal ? "the login says nothing" : "the connection ended");
      this.settle();
      this.timer = setTimeout(() => this.begin(), pause);
    });
    child.stdin.on("error", () => {});
    child.stdin.write(`${echo}\n`);
  }
}
