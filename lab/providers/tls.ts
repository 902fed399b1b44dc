// The stand-in for the provider plugin "tls": test equipment, for machines without Pulumi's servers.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { Generated } from "./protocol/generated";
import { serve } from "./protocol/server";
import { type Properties, secret } from "./protocol/values";

const keyType = "ssh-ed25519";

const privateKey = new Generated(
  { algorithm: { required: true, accepts: (value) => value === "ED25519", rule: onlyOne() } },
  [
    "ecdsaCurve",
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
    "rsaBits",
  ],
  generate,
);

function generate(): { id: string; outputs: Properties } {
  const pair = generateKeyPairSync("ed25519");
  const publicDer = pair.publicKey.export({ format: "der", type: "spki" });
  const publicKey = rawKey(pair.publicKey, "x");
  const publicBlob = Buffer.concat([field(keyType), field(publicKey)]);
  const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" });
  const outputs = {
    ecdsaCurve: "P224",
    rsaBits: 2048,
    privateKeyOpenssh: secret(opensshKey(rawKey(pair.privateKey, "d"), publicKey, publicBlob)),
    privateKeyPem: secret(pem),
    privateKeyPemPkcs8: secret(pem),
    publicKeyFingerprintMd5: createHash("md5").update(publicBlob).digest("hex").match(/../g)!.join(":"),
    publicKeyFingerprintSha256: `SHA256:${createHash("sha256").update(publicBlob).digest("base64").replace(/=+$/, "")}`,
    publicKeyOpenssh: `${keyType} ${publicBlob.toString("base64")}\n`,
    publicKeyPem: pair.publicKey.export({ format: "pem", type: "spki" }),
  };
  return { id: createHash("sha1").update(publicDer).digest("hex"), outputs };
}

/** OpenSSH's own format for a private key without a passphrase (PROTOCOL.key in its source). */
function opensshKey(seed: Buffer, publicKey: Buffer, publicBlob: Buffer): string {
  const check = randomBytes(4);
  const secretPart = [
    check,
    check,
    field(keyType),
    field(publicKey),
    field(Buffer.concat([seed, publicKey])),
    field(""),
  ];
  let section = Buffer.concat(secretPart);
  for (let padding = 1; section.length % 8 !== 0; padding++) section = Buffer.concat([section, Buffer.from([padding])]);
  const header = [Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field("")];
  const body = Buffer.concat([...header, Buffer.from([0, 0, 0, 1]), field(publicBlob), field(section)]);
  const lines = body.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** A length-prefixed string, as SSH writes them. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function rawKey(key: KeyObject, part: "d" | "x"): Buffer {
  return Buffer.from(key.export({ format: "jwk" })[part]!, "base64url");
}

function onlyOne(): string {
  return "the stand-in provider (test equipment) has only the algorithm ED25519";
}

serve("tls", { "tls:index/privateKey:PrivateKey": privateKey });
