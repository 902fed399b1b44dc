// What Pulumi generates of the schema for any language comes down to this.
const command = require("@pulumi/command");
const pulumi = require("@pulumi/pulumi");

class FakeVpc extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("fakevpc:index:FakeVpc", name, { graph: undefined, ...args }, options, true);
  }
}

class DeployKey extends pulumi.ComponentResource {
  constructor(name, options) {
    super("fakevpc:index:DeployKey", name, { publicKey: undefined, privateKey: undefined }, options, true);
  }
}

const names = ["server1", "server2"];

const key = new DeployKey("deploy");
const order = new command.local.Command("servers", {
  create: `hoster add ${names.join(" ")} --packages --json --authorize "$DEPLOY_KEY"`,
  delete: `hoster remove ${names.join(" ")}`,
  environment: { DEPLOY_KEY: key.publicKey },
});
const ordered = order.stdout.apply(JSON.parse);

const mesh = new FakeVpc("mesh", {
  servers: Object.fromEntries(
    names.map((name) => [name, { address: ordered[name].address, hostKey: ordered[name].hostKey }]),
  ),
  ssh: { privateKey: key.privateKey },
});

exports.servers = mesh.servers;
exports.graph = mesh.graph;
