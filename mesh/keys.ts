import { createHash, createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";

/** RFC 8410's frame around the 32 bytes of an X25519 private key, which node:crypto wants. */
const pkcs8Head = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A random text of 256 bits or more as 32 bytes in base64. */
export function bytesOf(randomText: string): string {
  return createHash("sha256").update(randomText).digest("base64");
}

/** 32 random bytes in base64 as a WireGuard private key, in the clamped form in which `wg` prints it. */
export function privateKeyOf(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[0]! &= 248;
  bytes[31] = (bytes[31]! & 127) | 64;
  return bytes.toString("base64");
}

/** What `wg pubkey` prints for a private key. */
export function publicKeyOf(privateKey: string): string {
  const der = Buffer.concat([pkcs8Head, Buffer.from(privateKey, "base64")]);
  const key = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  return key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}

/** The preshared key of a pair, the same from both sides: HKDF-SHA256 of the mesh's secret, bound to both public keys. */
export function presharedKeyOf(meshSecret: string, onePublicKey: string, otherPublicKey: string): string {
  const both = [onePublicKey, otherPublicKey].sort().join(" ");
  const bytes = hkdfSync("sha256", Buffer.from(meshSecret, "base64"), "", `fakevpc preshared key ${both}`, 32);
  return Buffer.from(bytes).toString("base64");
}
