// What Pulumi generates of the schema for any language comes down to this.
const command = require("@pulumi/command");
const pulumi = require("@pulumi/pulumi");
const tls = require("@pulumi/tls");

class FakeVpc extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("fakevpc:index:FakeVpc", name, { graph: undefined, ...args }, options, true);
  }
}

const names = ["server1", "server2"];

const key = new tls.PrivateKey("deploy", { algorithm: "ED25519" });
const order = new command.local.Command("servers", {
  create: `hoster add ${names.join(" ")} --packages --json --authorize "$DEPLOY_KEY"`,
  delete: `hoster remove ${names.join(" ")}`,
  environment: { DEPLOY_KEY: key.publicKeyOpenssh.apply((line) => line.trim()) },
});
const ordered = order.stdout.apply(JSON.parse);

const mesh = new FakeVpc("mesh", {
  servers: Object.fromEntries(
    names.map((name) => [name, { address: ordered[name].address, hostKey: ordered[name].hostKey }]),
  ),
  ssh: { privateKey: key.privateKeyOpenssh },
});

exports.servers = mesh.servers;
exports.graph = mesh.graph;
