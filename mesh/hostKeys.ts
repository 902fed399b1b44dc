import { createPublicKey } from "node:crypto";
import { show } from "./problem";
import { attempt, SshBytes } from "./sshBytes";

/** The bytes of each curve's coordinates, by the type of key that names it. */
const curves: Record<string, { crv: string; bytes: number }> = {
  "ecdsa-sha2-nistp256": { crv: "P-256", bytes: 32 },
  "ecdsa-sha2-nistp384": { crv: "P-384", bytes: 48 },
  "ecdsa-sha2-nistp521": { crv: "P-521", bytes: 66 },
};

const keyTypes = ["ssh-ed25519", ...Object.keys(curves)];

const remedy = "`ssh-keyscan -t ed25519 ADDRESS` prints the server's, behind its address";

/** What keeps an SSH host key from ever matching a server's, as a sentence; undefined where nothing does. */
export function hostKeyFault(key: unknown): string | undefined {
  // A line's end may come with it, as from a tls.PrivateKey.
  const words = typeof key === "string" ? /^(\S+) +(\S+)( .*)?\n?$/.exec(key) : null;
  if (!words) return `${show(key)} is not an SSH host key ("ssh-ed25519 AAAA…"): ${remedy}`;
  const [type, base64] = [words[1]!, words[2]!];
  if (type === "ssh-rsa" || type === "ssh-dss") {
    return `${show(key)} is of a type by which servers no longer prove themselves: ${remedy}`;
  }
  if ([...keyTypes, "ssh-rsa"].includes(base64)) return `${show(key)} has a word before the key: leave that out`;
  if (!keyTypes.includes(type)) {
    return `${show(key)} is not an SSH host key ("ssh-ed25519 AAAA…"): ${remedy}`;
  }
  if (attempt(() => isWhole(type, base64))) return undefined;
  return `${show(key)} is cut or damaged, no whole SSH host key: ${remedy}`;
}

/** Whether the base64 text holds a public key of this type, and nothing else. */
function isWhole(type: string, base64: string): boolean {
  const bytes = Buffer.from(base64, "base64");
  const fields = new SshBytes(bytes);
  if (bytes.toString("base64") !== base64 || fields.string().toString() !== type) return false;
  const curve = curves[type];
  if (!curve) return fields.string().length === 32 && fields.rest === 0;
  return fields.string().toString() === type.split("-")[2] && isPoint(fields.string(), curve) && fields.rest === 0;
}

/** Whether these bytes are an uncompressed point of the curve. */
function isPoint(point: Buffer, { crv, bytes }: { crv: string; bytes: number }): boolean {
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) return false;
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)].map((half) => half.toString("base64url"));
  return createPublicKey({ key: { kty: "EC", crv, x, y }, format: "jwk" }).type === "public";
}
