import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** An SSH key for servers that are still to be created: its public half is for their cloud-init, its private half for FakeVpc. */
export class DeployKey extends pulumi.ComponentResource {
  /** One line, as in `authorized_keys`. */
  public readonly publicKey: pulumi.Output<string>;
  /** As ssh-keygen writes it. A secret. */
  public readonly privateKey: pulumi.Output<string>;

  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("fakevpc:index:DeployKey", name, {}, options);
    const key = new tls.PrivateKey(name, { algorithm: "ED25519" }, { parent: this });
    this.publicKey = key.publicKeyOpenssh.apply((line) => line.trim());
    this.privateKey = pulumi.secret(key.privateKeyOpenssh);
    this.registerOutputs({ publicKey: this.publicKey, privateKey: this.privateKey });
  }
}
