import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { cacheDirectory } from "../cache";
import { run } from "../process";
import { script } from "./script";
import { aptSources } from "./sources";

/** The Debian releases that a server can run. */
export const suites = ["bookworm", "trixie"] as const;
export type Suite = (typeof suites)[number];

/** What a hoster's Debian image contains, and wireguard-go: see base-customize.sh. */
const basePackages = [
  ...["systemd", "systemd-sysv", "dbus", "libpam-systemd", "udev", "openssh-server", "sudo", "cron", "apt-utils"],
  ...["iproute2", "iputils-ping", "netcat-openbsd", "ca-certificates", "procps", "less", "python3", "kmod"],
  "wireguard-go",
];

/** python3-apt, which a hoster's images have, is what Ansible looks at packages with. */
const extraPackages = ["wireguard", "nftables", "iptables", "socat", "iperf3", "curl", "tcpdump", "python3-apt"];

/** The read-only directories below a server's own disk, uppermost first. Builds what is missing, once per machine. */
export async function imageLayers(
  suite: Suite,
  packages: boolean,
  log: (line: string) => void = () => {},
): Promise<string[]> {
  const sources = aptSources(suite);
  const base = imageDirectory(suite, ["base-image.sh", "base-customize.sh"], [sources, ...basePackages]);
  await build(base, `the ${suite} image`, "base-image.sh", [suite, basePackages.join(",")], sources, log);
  if (!packages) {
    return [base];
  }
  const extra = imageDirectory(`${suite}-packages`, ["packages-layer.sh"], [base, ...extraPackages]);
  await build(extra, `the ${suite} image's packages`, "packages-layer.sh", [base, ...extraPackages], sources, log);
  return [extra, base];
}

/** Its name carries a hash of the recipe, so that a changed recipe is another image. */
function imageDirectory(name: string, scripts: string[], parts: string[]): string {
  const recipe = [...scripts.map((file) => readFileSync(script(file), "utf8")), ...parts];
  const hash = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 10);
  return path.join(cacheDirectory("images"), `${name}-${hash}`);
}

/** The scripts look again once they hold the lock: another lab may have built the image meanwhile. */
async function build(
  directory: string,
  what: string,
  file: string,
  parameters: string[],
  input: string,
  log: (line: string) => void,
): Promise<void> {
  if (existsSync(directory)) {
    return;
  }
  log(`building ${what}, once`);
  const start = Date.now();
  await run(["flock", `${directory}.lock`, "bash", script(file), directory, ...parameters], { input });
  log(`built ${what} in ${Math.round((Date.now() - start) / 1000)} s`);
}
