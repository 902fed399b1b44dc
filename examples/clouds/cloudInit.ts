import * as pulumi from "@pulumi/pulumi";
import type { DeployKey } from "fakevpc";

/**
 * User data that gives a server the host key that we know already: its very first answer can be told from an impostor's.
 * (Whoever may read the server's metadata can read it too.)
 */
export function cloudInit(hostKey: DeployKey): pulumi.Output<string> {
  return pulumi.all([hostKey.privateKey, hostKey.publicKey]).apply(([ed25519_private, ed25519_public]) => {
    const config = { ssh_deletekeys: true, ssh_keys: { ed25519_private, ed25519_public } };
    return `#cloud-config\n${JSON.stringify(config)}\n`; // JSON is YAML
  });
}
