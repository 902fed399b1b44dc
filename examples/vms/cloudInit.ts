import * as pulumi from "@pulumi/pulumi";
import type * as tls from "@pulumi/tls";

/** Any part of a cloud-config. */
export type CloudConfig = Record<string, unknown>;

/** What cloud-init makes of a machine at its first boot. A secret, for the machine's host key is in it. */
export function userData(
  name: string,
  publicKey: pulumi.Input<string>,
  hostKey: tls.PrivateKey,
  more: CloudConfig = {},
): pulumi.Output<string> {
  const config = {
    hostname: name,
    fqdn: `${name}.localdomain`,
    // cloud-init writes /etc/hosts anew at every boot; the mesh's names have to be there all the same.
    manage_etc_hosts: true,
    ssh_pwauth: false,
    disable_root: true,
    users: [
      {
        name: "ubuntu",
        shell: "/bin/bash",
        groups: "sudo",
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: [publicKey],
      },
    ],
    ssh_keys: { ed25519_private: hostKey.privateKeyOpenssh, ed25519_public: hostKey.publicKeyOpenssh },
    ...more,
  };
  // JSON is YAML too.
  return pulumi.secret(pulumi.jsonStringify(config)).apply((json) => `#cloud-config\n${json}\n`);
}
