import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, test } from "@jest/globals";
import fc from "fast-check";
import { SshFiles } from "../../cli/server/sshFiles";
import type { StoredMesh } from "../../cli/stack/state";
import { run } from "../../lab/process";
import { hostKeyFault } from "../../mesh/hostKeys";
import { isEncrypted, privateKeyFault } from "../../mesh/privateKeys";
import { hostKey, hostKeyOf, sshKey, sshString } from "../sshKeys";

const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-keys-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
/** A key pair as ssh-keygen makes it. */
async function generated(...options: string[]): Promise<{ key: string; publicKey: string }> {
  const file = path.join(directory, `key${++count}`);
  const all = ["-q", "-f", file, ...(options.includes("-N") ? [] : ["-N", ""]), ...options];
  await run(["ssh-keygen", ...all]);
  return { key: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
}

const none = { setting: "privateKeyPassphrase", given: false };
const given = { setting: "privateKeyPassphrase", given: true };

test("host keys as servers have them pass, with their comment and the end of the line too", async () => {
  for (const options of [["ed25519"], ["ecdsa", "-b", "256"], ["ecdsa", "-b", "384"], ["ecdsa", "-b", "521"]]) {
    const { publicKey } = await generated("-t", ...options, "-C", "root@server1");
    assert.equal(hostKeyFault(publicKey), undefined, publicKey);
    assert.equal(hostKeyFault(publicKey.split(" ").slice(0, 2).join(" ")), undefined);
  }
});

test("an RSA host key is refused with the way to another one", async () => {
  const fault = hostKeyFault((await generated("-t", "rsa", "-b", "2048")).publicKey)!;
  assert.match(
    fault,
    /^"ssh-rsa AAAA\S+ is of a type by which servers no longer prove themselves: `ssh-keyscan -t ed25519 /,
  );
});

test("a host key that is cut, damaged or of another type than it says is refused", async () => {
  const ecdsa = (await generated("-t", "ecdsa", "-b", "256")).publicKey.split(" ")[1]!;
  const offCurve = Buffer.from(ecdsa, "base64");
  offCurve[offCurve.length - 1]! ^= 1;
  const odd = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map(sshString)).toString("base64");
  for (const key of [
    hostKey.slice(0, -4),
    hostKey.slice(0, -1),
    `${hostKey}AAAA`,
    `${hostKey}=`,
    "ssh-ed25519 AAAA",
    "ssh-ed25519 AAAAC3Nza…",
    "ssh-ed25519",
    "AAAA",
    `ecdsa-sha2-nistp256 ${hostKey.split(" ")[1]}`,
    `ecdsa-sha2-nistp256 ${offCurve.toString("base64")}`,
    `ecdsa-sha2-nistp384 ${ecdsa}`,
    `ssh-ed25519 ${odd("ssh-ed25519", Buffer.alloc(31))}`,
    `ssh-ed25519 ${odd("ssh-ed25519", Buffer.alloc(32), "more")}`,
    `${hostKey}\n${hostKeyOf(8)}`,
    `203.0.113.11 ${hostKey}`,
    "SHA256:uGdZhrmS5mmDq1yLGWvyqjuyIFeuK6vEjRLBVM0Ujag",
    7,
  ]) {
    assert.match(String(hostKeyFault(key)), / (is not an SSH|is cut or damaged|has a word before)\b/, String(key));
  }
});

test("whatever is given for a host key, the answer is a sentence or nothing", async () => {
  fc.assert(fc.property(fc.anything(), (key) => typeof (hostKeyFault(key) ?? "") === "string"));
});

test("private keys as ssh-keygen and openssl write them pass", async () => {
  for (const type of [
    ["ed25519"],
    ["rsa", "-b", "2048"],
    ["ecdsa"],
    ["rsa", "-b", "2048", "-m", "PEM"],
    ["ecdsa", "-m", "PEM"],
  ]) {
    const { key } = await generated("-t", ...type);
    assert.equal(privateKeyFault(key, none), undefined, type.join(" "));
    assert.equal(privateKeyFault(key.replaceAll("\n", "\r\n"), none), undefined, `${type.join(" ")}, CRLF`);
    assert.equal(isEncrypted(key), false);
  }
  assert.equal(privateKeyFault(sshKey, none), undefined);
});

test("an encrypted key needs a passphrase, and one that is not encrypted takes none", async () => {
  for (const type of [["ed25519"], ["rsa", "-b", "2048", "-m", "PEM"], ["ed25519", "-Z", "aes256-cbc"]]) {
    const { key } = await generated("-t", ...type, "-N", "a secret");
    assert.match(
      privateKeyFault(key, none)!,
      /^is encrypted: give privateKeyPassphrase, or load the key into an ssh-agent/,
    );
    assert.equal(privateKeyFault(key, given), undefined);
    assert.equal(isEncrypted(key), true);
  }
  assert.match(privateKeyFault(sshKey, given)!, /^is not encrypted, .*: leave out privateKeyPassphrase$/);
});

test("what the provider cannot decrypt or use is refused, with a way out", async () => {
  const aes128 = (await generated("-t", "ed25519", "-N", "a secret", "-Z", "aes128-ctr")).key;
  assert.match(
    privateKeyFault(aes128, given)!,
    /^is encrypted in a form that the provider cannot read: `ssh-keygen -p /,
  );
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({
    format: "pem",
    type: "pkcs8",
    cipher: "aes-256-cbc",
    passphrase: "a secret",
  });
  assert.match(privateKeyFault(pkcs8.toString(), given)!, /^is encrypted in a form that the provider cannot read/);
});

test("a file that holds no private key is told by what it is", async () => {
  const { key, publicKey } = await generated("-t", "ed25519");
  const pem = (await generated("-t", "rsa", "-b", "2048", "-m", "PEM")).key;
  const lines = key.split("\n");
  for (const [text, fault] of [
    ["", /^is empty/],
    ["\n", /^is empty/],
    [publicKey, /^holds a public key/],
    ["PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", /^is in PuTTY's own form: `puttygen /],
    ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", /^holds no private key/],
    ["hello", /^holds no private key/],
    [lines[0]!, /^is cut or damaged/],
    [lines.slice(0, 3).join("\n"), /^is cut or damaged/],
    [[...lines.slice(0, 2), ...lines.slice(3)].join("\n"), /^is cut or damaged/],
    [pem.replace(/\n.*\n(?=.*\n-----END)/, "\n"), /^is cut or damaged/],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", /^is cut or damaged/],
  ] as const) {
    assert.match(String(privateKeyFault(text, none)), fault, text);
  }
});

test("a key with CRLF or words around it is one for ssh too, as `fakevpc status` hands it over", async () => {
  const { key } = await generated("-t", "ed25519");
  const odd = `Bag Attributes\r\n${key.replaceAll("\n", "\r\n")}\r\n`;
  assert.equal(privateKeyFault(odd, none), undefined);
  const login = { host: "203.0.113.11", port: 22, user: "root", privateKey: odd };
  const stored = { servers: { server1: { login } } } as unknown as StoredMesh;
  const crlf = path.join(directory, "crlf");
  writeFileSync(crlf, odd, { mode: 0o600 });
  for (const files of [new SshFiles(stored), new SshFiles(stored, crlf)]) {
    const argv = files.argumentsFor("server1");
    const { stdout } = await run(["ssh-keygen", "-y", "-f", argv[argv.indexOf("-i") + 1]!]);
    assert.match(stdout, /^ssh-ed25519 /);
    files.close();
  }
});
