import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asSshReads } from "../../mesh/privateKeys";
import { packageFile } from "../packageFile";

/** What was found for each key and passphrase: forty servers with one key are one question. */
const found = new Map<string, boolean | undefined>();

/** Whether a passphrase decrypts an SSH private key; undefined where ssh-keygen is missing or says something else. */
export function passphraseOpens(key: string, passphrase: string): boolean | undefined {
  const pair = createHash("sha256")
    .update(JSON.stringify([key, passphrase]))
    .digest("hex");
  if (!found.has(pair)) found.set(pair, askSshKeygen(key, passphrase));
  return found.get(pair);
}

/** A derivation of a key is slow on purpose, some tenths of a second. */
const timeout = 20_000;

function askSshKeygen(key: string, passphrase: string): boolean | undefined {
  const directory = mkdtempSync(join(tmpdir(), "fakevpc-")); // its mode is 0700
  try {
    const [keyFile, passphraseFile] = [join(directory, "key"), join(directory, "passphrase")];
    writeFileSync(keyFile, asSshReads(key), { mode: 0o600 });
    writeFileSync(passphraseFile, passphrase, { mode: 0o600 });
    const askpass = {
      SSH_ASKPASS: packageFile("components/operator/askpass.sh"),
      SSH_ASKPASS_REQUIRE: "force",
      DISPLAY: ":0", // OpenSSH before 8.4 asks nobody without it
      FAKEVPC_PASSPHRASE_FILE: passphraseFile,
    };
    const { status, stderr } = spawnSync("ssh-keygen", ["-y", "-f", keyFile], {
      env: { ...process.env, LC_ALL: "C", ...askpass },
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout,
    });
    if (status === 0) return true;
    // A program for askpass that does not run gives no passphrase either.
    return /incorrect passphrase/.test(stderr ?? "") && !/askpass/.test(stderr) ? false : undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
