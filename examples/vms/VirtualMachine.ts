import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type CloudConfig, userData } from "./cloudInit";
import { runScript } from "./script";
import { settings } from "./settings";

interface VirtualMachineArgs {
  /** The directory with its image. */
  image: pulumi.Input<string>;
  sshPort: number;
  wgPort: number;
  /** Who may log in as ubuntu: one line, as in `authorized_keys`. */
  publicKey: pulumi.Input<string>;
  /** What cloud-init does beyond that. */
  cloudConfig?: CloudConfig;
}

/** A virtual machine. QEMU forwards two ports of this machine to it: one for SSH, one for WireGuard. */
export class VirtualMachine extends pulumi.ComponentResource {
  /** Where this machine reaches it by SSH: known once it answers. */
  public readonly address: pulumi.Output<string>;
  /** Its SSH host key, which it is given before its first boot: nobody has to believe whoever answers. */
  public readonly hostKey: pulumi.Output<string>;

  constructor(name: string, args: VirtualMachineArgs, options?: pulumi.ComponentResourceOptions) {
    super("vms:index:VirtualMachine", name, {}, options);
    const key = new tls.PrivateKey(`${name}-host`, { algorithm: "ED25519" }, { parent: this });
    this.hostKey = key.publicKeyOpenssh.apply((line) => line.trim());
    const machine = runScript(
      name,
      {
        create: "machine.sh start",
        delete: "machine.sh remove",
        environment: {
          NAME: name,
          DIRECTORY: path.join(settings.directory, name),
          IMAGE: args.image,
          MEMORY: String(settings.memory),
          CORES: String(settings.cores),
          SSH_PORT: String(args.sshPort),
          WG_PORT: String(args.wgPort),
          REAPPLY: settings.reapply,
        },
        stdin: userData(name, args.publicKey, key, args.cloudConfig),
      },
      { parent: this },
    );
    this.address = machine.stdout;
    this.registerOutputs({ address: this.address, hostKey: this.hostKey });
  }
}
