import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type FakeVpcArgs } from "../../../../components";

/** As a cloud that creates a server: a shell script that ends when it is there, and prints its address. */
function cloud(name: string, create: string): pulumi.Output<string> {
  return new command.local.Command(name, { create }).stdout;
}

const config = new pulumi.Config();
const args = config.requireObject<FakeVpcArgs>("args");
for (const [name, create] of Object.entries(config.requireObject<Record<string, string>>("clouds"))) {
  args.servers[name]!.address = cloud(`cloud-${name}`, create);
}

export const { servers } = new FakeVpc("mesh", args);
