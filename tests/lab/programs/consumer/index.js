// In plain JavaScript: a program of somebody's own, which orders servers from a hoster (the lab) and joins them to a mesh.
const command = require("@pulumi/command");
const pulumi = require("@pulumi/pulumi");
const { DeployKey, FakeVpc } = require("fakevpc");

const config = new pulumi.Config();
const names = ["server1", "server2", "server3"];

const key = new DeployKey("deploy");
const order = new command.local.Command("servers", {
  create: `hoster add ${names.join(" ")} --packages --json --authorize "$DEPLOY_KEY"`,
  delete: `hoster remove ${names.join(" ")}`,
  environment: { DEPLOY_KEY: key.publicKey },
});
const ordered = order.stdout.apply(JSON.parse);

const mesh = new FakeVpc(
  config.get("name") ?? "mesh",
  {
    servers: Object.fromEntries(
      names.map((name) => [name, { address: ordered[name].address, hostKey: ordered[name].hostKey }]),
    ),
    services: { echo: { server: "server2", port: 8888 } },
    ssh: { privateKey: key.privateKey },
  },
  { aliases: [{ name: "mesh" }] },
);

exports.servers = mesh.servers;
