import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureNeeds } from "../../lab/needs";
import { run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";

/** An SSH server of this machine, on a port of its own, that lets one new key in as root. */
export class Sshd {
  private readonly children: ChildProcess[] = [];

  private constructor(
    readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<Sshd> {
    await ensureNeeds(["tests"], () => {});
    const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-sshd-"));
    for (const key of ["host", "client"]) {
      await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path.join(directory, key)]);
    }
    await run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-C", "test", "-f", path.join(directory, "host_rsa")]);
    const port = await freePort();
    const config = {
      ListenAddress: "127.0.0.1",
      HostKey: [path.join(directory, "host"), path.join(directory, "host_rsa")],
      AuthorizedKeysFile: path.join(directory, "client.pub"),
      PermitRootLogin: "prohibit-password",
      PasswordAuthentication: "no",
      StrictModes: "no",
      UsePAM: "no",
      MaxStartups: 100,
      PidFile: "none",
    };
    const lines = Object.entries(config).flatMap(([option, value]) =>
      [value].flat().map((each) => `${option} ${each}\n`),
    );
    writeFileSync(path.join(directory, "config"), lines.join(""));
    mkdirSync("/run/sshd", { recursive: true }); // where sshd shuts in its unprivileged part
    const sshd = new Sshd(port, directory);
    sshd.alsoListen(port);
    await waitUntil(() => accepts(port), 60, `an SSH server on port ${port}`);
    return sshd;
  }

  /** Starts listening on one more port. */
  alsoListen(port: number): void {
    const args = ["-D", "-f", this.file("config"), "-p", String(port), "-E", this.file("log")];
    this.children.push(spawn("/usr/sbin/sshd", args, { stdio: "ignore" }));
  }

  /** Lets one more key in. */
  alsoAccept(publicKey: string): void {
    appendFileSync(this.file("client.pub"), publicKey);
  }

  /** The private key, encrypted. */
  async encryptedKey(passphrase: string): Promise<string> {
    copyFileSync(this.file("client"), this.file("encrypted"));
    chmodSync(this.file("encrypted"), 0o600);
    await run(["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", this.file("encrypted")]);
    return this.read("encrypted");
  }

  get privateKey(): string {
    return this.read("client");
  }

  get rsaHostKey(): string {
    return this.read("host_rsa.pub");
  }

  get hostKey(): string {
    return this.read("host.pub");
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.file(name), "utf8");
  }

  stop(): void {
    for (const child of this.children) child.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A TCP port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens on a port of the loopback interface. */
function accepts(port: number): Promise<boolean> {
  const socket = createConnection({ host: "127.0.0.1", port });
  const answer = new Promise<boolean>((resolve) => {
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  });
  return answer.finally(() => socket.destroy());
}
