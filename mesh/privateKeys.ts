import { createPrivateKey } from "node:crypto";
import { attempt, SshBytes } from "./sshBytes";

/** What can be known of an SSH private key without its passphrase. */
interface PrivateKey {
  /** What keeps the provider from using it, as the end of a sentence. */
  fault?: string;
  encrypted?: boolean;
}

/**
 * What keeps the provider from using an SSH private key, as the end of a sentence that begins with the key; undefined
 * where nothing does. `passphrase` is the setting where its passphrase belongs, and whether one is given there.
 */
export function privateKeyFault(text: string, passphrase: { setting: string; given: boolean }): string | undefined {
  const { fault, encrypted } = read(text);
  if (fault) return fault;
  if (encrypted && !passphrase.given) {
    return `is encrypted: give ${passphrase.setting}, or load the key into an ssh-agent and name no key`;
  }
  if (!encrypted && passphrase.given) {
    return `is not encrypted, and the provider takes no passphrase beside it: leave out ${passphrase.setting}`;
  }
  return undefined;
}

/** A private key as ssh itself reads it: it takes neither CRLF nor words around the key, which the provider does. */
export function asSshReads(text: string): string {
  const lines = text.replaceAll("\r", "").trim();
  const begin = lines.search(/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/m);
  return `${lines.slice(Math.max(begin, 0))}\n`;
}

export function isEncrypted(text: string): boolean {
  return read(text).encrypted ?? false;
}

const damaged: PrivateKey = { fault: "is cut or damaged: give the whole private key" };
const unreadable: PrivateKey = {
  fault: "is encrypted in a form that the provider cannot read: `ssh-keygen -p -Z aes256-ctr -f FILE` writes it anew",
};
const outdated: PrivateKey = { fault: "is of a type that cannot be used here: make one with `ssh-keygen -t ed25519`" };

function read(text: string): PrivateKey {
  const begin = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[ \t\r]*$/m.exec(text);
  if (!begin) return { fault: notPrivate(text) };
  const type = begin[1]!;
  const end = text.indexOf(`\n-----END ${type}-----`, begin.index);
  if (end < 0) return damaged;
  const inner = text.slice(begin.index + begin[0].length, end);
  if (type === "OPENSSH PRIVATE KEY") return attempt(() => readOpenSsh(inner)) ?? damaged;
  if (type === "ENCRYPTED PRIVATE KEY") return unreadable;
  if (!["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].includes(type)) return outdated;
  if (/^Proc-Type: 4,ENCRYPTED/m.test(inner)) return { encrypted: true };
  return attempt(() => createPrivateKey(`${begin[0]}${inner}\n-----END ${type}-----\n`)) ? {} : damaged;
}

function notPrivate(text: string): string {
  if (text.trim() === "") return "is empty: give a private key";
  if (/^PuTTY-User-Key-File/m.test(text)) {
    return "is in PuTTY's own form: `puttygen FILE -O private-openssh -o NEW` writes one that can be read";
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/m.test(text) || /BEGIN (SSH2 |RSA )?PUBLIC KEY/.test(text)) {
    return "holds a public key: give the private one, which lies beside it without .pub";
  }
  return "holds no private key: give one as ssh-keygen writes it (-----BEGIN OPENSSH PRIVATE KEY-----)";
}

const usable = ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** OpenSSH's own form, whose header and public half are never encrypted. Throws where it is cut. */
function readOpenSsh(base64: string): PrivateKey {
  const magic = Buffer.from("openssh-key-v1\0");
  const all = Buffer.from(base64.replace(/\s/g, ""), "base64");
  if (!all.subarray(0, magic.length).equals(magic)) return damaged;
  const bytes = new SshBytes(all.subarray(magic.length));
  const [cipher, kdf] = [bytes.string().toString(), bytes.string().toString()];
  bytes.string(); // the salt
  bytes.number(); // how many keys there are
  const type = new SshBytes(bytes.string()).string().toString();
  const privateHalf = new SshBytes(bytes.string());
  if (type.startsWith("sk-")) {
    return { fault: "is a security token's, for an ssh-agent alone: load it there, and name no key" };
  }
  if (!usable.includes(type)) return outdated;
  if (cipher !== "none") {
    const known = ["aes256-ctr", "aes256-cbc"].includes(cipher) && kdf === "bcrypt";
    return known ? { encrypted: true } : { ...unreadable, encrypted: true };
  }
  // Two equal numbers stand at the beginning, so that a wrong decryption shows.
  const [one, other] = [privateHalf.number(), privateHalf.number()];
  return one === other ? {} : damaged;
}
