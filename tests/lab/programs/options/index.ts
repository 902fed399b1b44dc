import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { FakeVpc } from "../../../../components";

class Environment extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Environment", name);
    this.registerOutputs();
  }
}

/** As somebody's own rule for all of a program's resources. */
const marking: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "command:remote:Command" ? { props: { ...props, logging: "none" }, opts } : undefined;

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const unpinned = new pulumi.Config().getBoolean("unpinned");

new FakeVpc(
  "mesh",
  {
    servers: {
      server1: { address: "203.0.113.1", hostKey },
      server2: { address: "203.0.113.2", ...(unpinned ? {} : { hostKey }) },
    },
  },
  {
    parent: new Environment("environment"),
    provider: new command.Provider("own"),
    protect: true,
    dependsOn: new random.RandomBytes("earlier", { length: 4 }),
    customTimeouts: { create: "7m", update: "8m", delete: "9m" },
    transforms: [marking],
  },
);
