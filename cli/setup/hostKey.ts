import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Login } from "../../mesh/login";
import { SshFiles } from "../server/sshFiles";
import { CommandError } from "../stack/pulumi";
import { ask, isTerminal } from "./ask";
import { runSsh } from "./runSsh";

/** How the operator confirms host keys. `--yes` is none of these: a stranger's key must not pass as one's own server's. */
export interface Confirmation {
  /** By server: the key, or its fingerprint. */
  keys: Map<string, string>;
  acceptAll: boolean;
}

/** "SHA256:…", as ssh-keygen -l prints it. */
export function fingerprintOf(hostKey: string): string {
  const bytes = Buffer.from(hostKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/** The host key of a server, once it is confirmed to be that server's and lets the operator in. */
export async function confirmedHostKey(
  name: string,
  login: Login,
  confirmation: Confirmation,
  identity?: string,
): Promise<string> {
  const shown = await shownHostKey(name, login);
  const given = confirmation.keys.get(name);
  const fingerprint = fingerprintOf(shown);
  if (given !== undefined && ![shown, fingerprint].includes(given.split(" ").slice(0, 2).join(" "))) {
    throw new CommandError(
      `${name} shows another host key than --host-key says: ${shown} (${fingerprint}). It is another machine, or rebuilt`,
    );
  }
  if (given === undefined && !confirmation.acceptAll) await confirm(name, login, fingerprint);
  await tryLogin(name, { ...login, hostKey: shown }, identity);
  return shown;
}

async function confirm(name: string, { host, port }: Login, fingerprint: string): Promise<void> {
  if (!isTerminal()) {
    throw new CommandError(
      `the host key of ${name} is ${fingerprint}: compare it with the server's own ("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" there), ` +
        `and confirm it by --host-key ${name}=${fingerprint}, or all by --accept-host-keys`,
    );
  }
  const answer = await ask(
    `${name} (${host} port ${port}) shows the host key ${fingerprint}. Is it that server's? [y/N] `,
  );
  if (!/^y(es)?$/i.test(answer))
    throw new CommandError(`the host key of ${name} was not confirmed: nothing is written`);
}

/** What the server shows before anybody logs in. Go's SSH, which Pulumi's provider uses, takes no RSA host key. */
async function shownHostKey(name: string, login: Login): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-"));
  const known = path.join(directory, "known");
  const ssh = new SshFiles({ servers: { [name]: { login } } });
  try {
    const options = [
      ...["-o", `UserKnownHostsFile=${known}`, "-o", "GlobalKnownHostsFile=/dev/null", "-o", "HashKnownHosts=no"],
      ...[
        "-o",
        `HostKeyAlias=${name}`,
        "-o",
        "StrictHostKeyChecking=accept-new",
        "-o",
        "PreferredAuthentications=none",
      ],
      ...["-o", "HostKeyAlgorithms=ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"],
    ];
    const { complaint } = await runSsh([...options, ...ssh.argumentsFor(name), "true"], ssh.environment);
    const line = readIfThere(known).split("\n")[0]!.split(" ");
    if (line.length >= 3) return line.slice(1, 3).join(" ");
    throw new CommandError(`${name} cannot be reached by SSH at ${login.host} port ${login.port}: ${complaint}`);
  } finally {
    ssh.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One login that does nothing; `identity` is a key file to use instead. */
export async function tryLogin(name: string, login: Login, identity?: string): Promise<void> {
  const ssh = new SshFiles({ servers: { [name]: { login } } }, identity);
  try {
    const { code, complaint } = await runSsh([...ssh.argumentsFor(name), "true"], ssh.environment);
    if (code === 0) return;
    throw new CommandError(
      `${name} does not let ${login.user} in by SSH at ${login.host} port ${login.port}: ${complaint}`,
    );
  } finally {
    ssh.close();
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
