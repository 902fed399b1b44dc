import { homedir } from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const ubuntu = "https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-amd64.img";

/** Where images are kept, and below it what belongs to this stack alone. */
const directory = config.get("directory") ?? path.join(homedir(), ".cache/fakevpc/vms");

/** The stack's config, with its defaults. */
export const settings = {
  /** How many machines: server1, server2 and so on. */
  servers: config.getNumber("servers") ?? 3,
  /**
   * The URL or the path of a cloud image, or `debian` to build one of Debian's packages, `debian/trixie` for another release
   * than the usual one. Of several, with commas between them, the machines have each in turn.
   */
  image: config.get("image") ?? ubuntu,
  /** Of each machine, in MiB. */
  memory: config.getNumber("memory") ?? 1024,
  cores: config.getNumber("cores") ?? 2,
  /** Server N answers SSH on this port plus N of 127.0.0.1. */
  sshPort: config.getNumber("sshPort") ?? 5000,
  /** The same for WireGuard, by UDP. */
  wgPort: config.getNumber("wgPort") ?? 51820,
  /** Where every machine has one address more, the same for all; none by default. */
  network: config.get("network"),
  /** Whether the machines but the first are private, as if each were at a home, and meet through the first one. */
  relay: config.getBoolean("relay") ?? false,
  /** Any text. Another one than last time starts every machine that does not run. */
  reapply: config.get("reapply") ?? "",
  images: path.join(directory, "images"),
  directory: path.join(directory, pulumi.getStack()),
};
