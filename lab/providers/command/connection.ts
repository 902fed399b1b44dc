import { once } from "node:events";
import { connect } from "node:net";
import { passphraseOpens } from "../../../components/operator/passphrase";

/** One SSH server to log in to, as the inputs describe it, with defaults filled in. */
export interface Hop {
  host: string;
  port: number;
  user: string;
  privateKey?: string;
  privateKeyPassword?: string;
  hostKey?: string;
  agentSocketPath?: string;
  /** Failed dials until giving up; -1 for no end. */
  dialErrorLimit: number;
  /** Seconds for one dial; 0 for no limit. */
  perDialTimeout: number;
}

export interface Connection extends Hop {
  proxy?: Hop;
}

/** Throws what the official provider says of a key it cannot use; a dial would not help. */
export function checkKeys(hop: Hop): void {
  if (hop.privateKey !== undefined) checkKey(hop.privateKey, hop.privateKeyPassword);
  if (hop.hostKey !== undefined && !/^\S+ +AAAA\S+/.test(hop.hostKey.trim())) {
    throw new Error("failed to parse host key: ssh: no key found");
  }
}

function checkKey(key: string, passphrase: string | undefined): void {
  if (!key.includes("-----BEGIN ")) throw new Error("ssh: no key found");
  if (passphrase === undefined) {
    if (isEncrypted(key)) throw new Error("ssh: this private key is passphrase protected");
  } else if (!isEncrypted(key)) {
    throw new Error(`ssh: ${key.includes("OPENSSH") ? "key is not password protected" : "not an encrypted key"}`);
  } else if (passphraseOpens(key, passphrase) === false) {
    throw new Error("x509: decryption password incorrect");
  }
}

/** Throws where an agent is named that does not answer: it is dialled first, also where a key is given. */
export async function checkAgent(hop: Hop): Promise<void> {
  const agent = agentOf(hop);
  if (!agent) return;
  const socket = connect(agent);
  try {
    await once(socket, "connect");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `dial unix ${agent}: connect: ${code === "ENOENT" ? "no such file or directory" : "connection refused"}`,
    );
  } finally {
    socket.destroy();
  }
}

/** The socket of the agent whose keys are offered. */
export function agentOf(hop: Hop): string | undefined {
  return hop.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
}

/** OpenSSH's own format names its cipher after a fixed beginning; the older ones say it in the heading. */
function isEncrypted(key: string): boolean {
  if (key.includes("ENCRYPTED")) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(key);
  return (
    body !== null && !Buffer.from(body[1]!, "base64").toString("latin1").startsWith("openssh-key-v1\0\0\0\0\x04none")
  );
}
