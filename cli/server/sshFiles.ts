import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { quote } from "../../components/hostProgram";
import { packageFile } from "../../components/packageFile";
import type { Login } from "../../mesh/login";
import { asSshReads } from "../../mesh/privateKeys";
import { CommandError } from "../stack/pulumi";
import type { Way } from "./way";

const askpass = packageFile("cli/server/askpass.sh");

/** Seconds until SSH gives up to connect; by way of a bastion, which is to be logged in to first. */
const connectTimeout = 5;
const connectTimeoutBehind = 12;

/** Passwords are not for machines to type, and nobody is there to ask. */
const askNobody = [
  ...["-o", "LogLevel=ERROR", "-o", "NumberOfPasswordPrompts=1"],
  ...["-o", "PasswordAuthentication=no", "-o", "KbdInteractiveAuthentication=no"],
];

/** What ssh reads from files: the stack's private keys and the servers' host keys. They are gone when the process ends. */
export class SshFiles implements Way {
  /** What ssh's environment needs beside its arguments. */
  readonly environment: NodeJS.ProcessEnv;
  private readonly directory = mkdtempSync(path.join(tmpdir(), "fakevpc-")); // its mode is 0700
  private readonly remove = () => rmSync(this.directory, { recursive: true, force: true });

  /** `identity` is a key file that is used instead of the stack's keys. */
  constructor(
    private readonly stored: { servers: Record<string, { login: Login }> },
    private readonly identity?: string,
  ) {
    process.on("exit", this.remove);
    this.environment = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" };
  }

  loginOf(name: string): Login {
    return this.stored.servers[name]!.login;
  }

  /** Where ssh keeps the socket of a connection that stays open; a socket's path has little room. */
  socketOf(name: string): string {
    return path.join(this.directory, `s${Object.keys(this.stored.servers).indexOf(name)}`);
  }

  /** Where a server is, by way of which bastion, who logs in, and how each proves itself to the other. */
  argumentsFor(name: string): string[] {
    const login = this.loginOf(name);
    return [...this.proxyCommand(name, login.proxy), ...this.optionsOf(name, login), "--", login.host!];
  }

  close(): void {
    this.remove();
    process.off("exit", this.remove);
  }

  private proxyCommand(name: string, proxy: Login | undefined): string[] {
    if (!proxy) return [];
    const argv = ["ssh", ...this.optionsOf(`${name}-proxy`, proxy), "-W", "[%h]:%p", proxy.host!];
    return ["-o", `ProxyCommand=${argv.map(quote).join(" ")}`];
  }

  private optionsOf(name: string, { host, port, user, hostKey, privateKey, passphrase, proxy }: Login): string[] {
    if (host === undefined) {
      throw new CommandError(`the address of ${name} is a secret of the stack: run without --identity`);
    }
    const keyFile = this.identity
      ? this.ownIdentity()
      : privateKey && this.write(`${name}.key`, asSshReads(privateKey));
    if (keyFile && !this.identity && passphrase !== undefined) this.write(`${name}.key.passphrase`, passphrase);
    const key = keyFile ? ["-i", keyFile, "-o", "IdentitiesOnly=yes"] : [];
    // A server whose host key the stack does not say is believed the first time, as ssh's users know it.
    const trust =
      hostKey === undefined
        ? ["-o", "StrictHostKeyChecking=accept-new"]
        : [
            ["-o", "StrictHostKeyChecking=yes", "-o", `HostKeyAlias=${name}`],
            ["-o", `UserKnownHostsFile=${this.write(`${name}.known`, `${name} ${hostKey}\n`)}`],
            ["-o", "GlobalKnownHostsFile=/dev/null"],
          ].flat();
    const timeout = ["-o", `ConnectTimeout=${proxy ? connectTimeoutBehind : connectTimeout}`];
    return [...askNobody, ...timeout, "-p", String(port), "-l", user, ...key, ...trust];
  }

  /** The file that the user named, or a copy that ssh can read; what cannot be read here is for ssh to tell. */
  private ownIdentity(): string {
    const text = existsSync(this.identity!) ? readFileSync(this.identity!, "utf8") : "";
    return text.includes("\r") ? this.write("identity", asSshReads(text)) : this.identity!;
  }

  private write(name: string, text: string): string {
    const file = path.join(this.directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}
