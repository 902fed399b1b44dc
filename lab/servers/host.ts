import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { run } from "../process";

const purpose = "The lab serves the demo and the tests; fakevpc itself runs anywhere Node.js does.";

/** The programs that the lab runs, and the Debian package that holds each. */
const programs: Record<string, string> = {
  bash: "bash",
  bridge: "iproute2",
  dnsmasq: "dnsmasq-base",
  "dpkg-deb": "dpkg",
  flock: "util-linux",
  ip: "iproute2",
  mmdebstrap: "mmdebstrap",
  nft: "nftables",
  nsenter: "util-linux",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  "systemd-nspawn": "systemd-container",
  "systemd-socket-activate": "systemd",
  unshare: "util-linux",
};

/** Debian's signing keys; a machine of another distribution lacks them. */
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The usual limit of 128 watchers is used up by some 20 servers: systemd is one, and so is each wireguard-go. */
const inotifyLimit = "/proc/sys/fs/inotify/max_user_instances";
const inotifyInstances = 8192;

/** Makes this machine able to run a lab, or says in one sentence what it lacks. */
export async function ensureHost(log: (line: string) => void): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error(`The lab boots servers on this machine, which needs Linux and root. ${purpose}`);
  }
  await installMissing(log);
  if (Number(readFileSync(inotifyLimit, "utf8")) < inotifyInstances) {
    writeFileSync(inotifyLimit, String(inotifyInstances));
    log(`raised ${inotifyLimit} to ${inotifyInstances}`);
  }
}

async function installMissing(log: (line: string) => void): Promise<void> {
  const missing = Object.keys(programs).filter((program) => !isInstalled(program));
  const packages = new Set(missing.map((program) => programs[program]!));
  if (!existsSync(keyring)) {
    packages.add("debian-archive-keyring");
  }
  if (packages.size === 0) {
    return;
  }
  if (!isInstalled("apt-get")) {
    const list = [...missing, ...(existsSync(keyring) ? [] : [keyring])].join(", ");
    throw new Error(`The lab needs these on this machine, please install them: ${list}. ${purpose}`);
  }
  log(`installing ${[...packages].join(" ")} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // apt-get fails where another one runs, so two labs take turns.
  const aptGet = ["flock", path.join(cacheDirectory(), "apt.lock"), "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"];
  await run([...aptGet, "update"], { env });
  await run([...aptGet, "install", "-y", "--no-install-recommends", ...packages], { env });
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
