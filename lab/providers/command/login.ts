import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { packageFile } from "../../../components/packageFile";
import { agentOf, type Connection, checkAgent, checkKeys, type Hop } from "./connection";

const directories = new Set<string>();

process.on("exit", () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A private directory with everything ssh needs for one connection, so that no secret is ever in an argument. */
export class Login {
  readonly connection: { target: Hop; proxy: Hop };
  readonly configFile: string;
  readonly logFile: string;
  readonly proxyLogFile: string;
  /** Where a key has a passphrase, ssh asks a helper for it, which reads it from a file. */
  readonly environment: NodeJS.ProcessEnv = { ...process.env };
  readonly hasProxy: boolean;

  private constructor(
    readonly directory: string,
    connection: Connection,
  ) {
    directories.add(directory);
    this.configFile = this.file("config");
    this.logFile = this.file("target.log");
    this.proxyLogFile = this.file("proxy.log");
    this.hasProxy = connection.proxy !== undefined;
    this.connection = { target: connection, proxy: connection.proxy ?? connection };
    const config = [this.hopConfig("target", connection)];
    if (connection.proxy) {
      config.push(this.hopConfig("proxy", connection.proxy));
      config[0] += `  ProxyCommand ssh -F '${this.configFile}' -E '${this.proxyLogFile}' -W '[%h]:%p' proxy\n`;
    }
    writeFileSync(this.configFile, config.join(""));
  }

  static async create(connection: Connection): Promise<Login> {
    for (const hop of connection.proxy ? [connection, connection.proxy] : [connection]) {
      checkKeys(hop);
      await checkAgent(hop);
    }
    return new Login(mkdtempSync(path.join(tmpdir(), "fakevpc-ssh-")), connection); // readable by its owner alone
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
    directories.delete(this.directory);
  }

  private hopConfig(name: "target" | "proxy", hop: Hop): string {
    const agent = agentOf(hop);
    const options: Record<string, string | number> = {
      HostName: quoted(hop.host.replaceAll("%", "%%")),
      Port: hop.port,
      User: quoted(hop.user),
      ...this.key(name, hop),
      ...this.hostKey(name, hop),
      IdentitiesOnly: agent ? "no" : "yes",
      IdentityAgent: agent ? quoted(agent) : "none",
      PreferredAuthentications: "publickey",
      // What Go's client takes first too; OpenSSH's own first choice costs five times the processor's time.
      KexAlgorithms: "^curve25519-sha256",
      ConnectionAttempts: 1,
      // A peer that is gone is noticed after about as long as with Go's default keep-alive.
      ServerAliveInterval: 15,
      ServerAliveCountMax: 9,
      LogLevel: "DEBUG1", // how the connection ended is read from the log
      UpdateHostKeys: "no",
      EscapeChar: "none",
      RequestTTY: "no",
    };
    const lines = Object.entries(options).map(([option, value]) => `  ${option} ${value}\n`);
    return `Host ${name}\n${lines.join("")}`;
  }

  private key(name: string, hop: Hop): Record<string, string | number> {
    if (hop.privateKey === undefined) return { IdentityFile: "none", BatchMode: "yes" };
    const file = this.file(`${name}.key`);
    const text = hop.privateKey.replaceAll("\r\n", "\n");
    writeFileSync(file, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 });
    if (hop.privateKeyPassword === undefined) return { IdentityFile: quoted(file), BatchMode: "yes" };
    const passwordFile = this.file("password");
    writeFileSync(passwordFile, `${hop.privateKeyPassword}\n`, { mode: 0o600 });
    this.environment.FAKEVPC_PASSWORD_FILE = passwordFile;
    this.environment.SSH_ASKPASS = packageFile("lab/providers/command/askpass.sh");
    this.environment.SSH_ASKPASS_REQUIRE = "force";
    return { IdentityFile: quoted(file), NumberOfPasswordPrompts: 1 };
  }

  private hostKey(name: string, hop: Hop): Record<string, string> {
    if (hop.hostKey === undefined) {
      return { StrictHostKeyChecking: "no", UserKnownHostsFile: "/dev/null", GlobalKnownHostsFile: "/dev/null" };
    }
    const [type, key] = hop.hostKey.trim().split(/ +/);
    const file = this.file(`${name}.known_hosts`);
    writeFileSync(file, `${name} ${type} ${key}\n`);
    return {
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: quoted(file),
      GlobalKnownHostsFile: "/dev/null",
      HostKeyAlias: name,
      // The type of the key is all that the official provider offers: with "ssh-rsa", what no current server signs by.
      HostKeyAlgorithms: quoted(type!),
    };
  }

  private file(name: string): string {
    return path.join(this.directory, name);
  }
}

/** A value of ssh's configuration; it has no way to write a quote or a line feed in one. */
function quoted(value: string): string {
  if (/["\\\r\n]/.test(value)) throw new Error(`connection: ${JSON.stringify(value)} cannot be given to ssh`);
  return `"${value}"`;
}
