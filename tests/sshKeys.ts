import { generateKeyPairSync } from "node:crypto";

/** An SSH host key as a server has one; another one for each number. */
export function hostKeyOf(number: number): string {
  return `ssh-ed25519 ${Buffer.concat(["ssh-ed25519", Buffer.alloc(32, number)].map(sshString)).toString("base64")}`;
}

export const hostKey = hostKeyOf(7);

/** An SSH private key that is not encrypted. */
export const sshKey = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();

/** A text or bytes as SSH's binary form has them. */
export function sshString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
