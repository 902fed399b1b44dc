import { readFileSync, writeFileSync } from "node:fs";
import { ensureNeeds } from "../needs";

/** The usual limit of 128 watchers is used up by some 20 servers: systemd is one, and so is each wireguard-go. */
const inotifyLimit = "/proc/sys/fs/inotify/max_user_instances";
const inotifyInstances = 8192;

/** Makes this machine able to run a lab, or says in one sentence what it lacks. */
export async function ensureHost(log: (line: string) => void): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    const purpose = "The lab serves the demo and the tests; fakevpc itself runs anywhere Node.js does.";
    throw new Error(`The lab boots servers on this machine, which needs Linux and root. ${purpose}`);
  }
  await ensureNeeds(["lab"], log);
  if (Number(readFileSync(inotifyLimit, "utf8")) < inotifyInstances) {
    writeFileSync(inotifyLimit, String(inotifyInstances));
    log(`raised ${inotifyLimit} to ${inotifyInstances}`);
  }
}
