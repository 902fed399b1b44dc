import * as digitalocean from "@pulumi/digitalocean";
import * as hcloud from "@pulumi/hcloud";
import * as linode from "@pulumi/linode";
import * as pulumi from "@pulumi/pulumi";
import { DeployKey, FakeVpc, type ServerArgs } from "fakevpc";
import { cloudInit } from "./cloudInit";

const config = new pulumi.Config();
const deploy = new DeployKey("deploy");
const hostKeys = {
  server1: new DeployKey("server1-host"),
  server2: new DeployKey("server2-host"),
  server3: new DeployKey("server3-host"),
};

const hetzner = new hcloud.Server("server1", {
  serverType: "cx23",
  image: "debian-12",
  location: "fsn1",
  sshKeys: [new hcloud.SshKey("deploy", { publicKey: deploy.publicKey }).id],
  userData: cloudInit(hostKeys.server1),
});

const droplet = new digitalocean.Droplet("server2", {
  size: "s-1vcpu-1gb",
  image: "debian-12-x64",
  region: "fra1",
  sshKeys: [new digitalocean.SshKey("deploy", { publicKey: deploy.publicKey }).fingerprint],
  userData: cloudInit(hostKeys.server2),
});

const akamai = new linode.Instance("server3", {
  type: "g6-nanode-1",
  image: "linode/debian12",
  region: "eu-central",
  authorizedKeys: [deploy.publicKey],
  metadatas: [{ userData: cloudInit(hostKeys.server3).apply((text) => Buffer.from(text).toString("base64")) }],
});

/** Behind NAT: it dials the others. `pulumi up` reaches it by SSH from the same LAN, with a key of its own. */
const home: ServerArgs = {
  index: 200,
  address: config.require("homeAddress"),
  hostKey: config.require("homeHostKey"),
  user: config.get("homeUser") ?? "pi",
  sshPrivateKeyFile: "~/.ssh/id_ed25519",
  public: false,
};

const mesh = new FakeVpc("mesh", {
  servers: {
    server1: { address: hetzner.ipv4Address, hostKey: hostKeys.server1.publicKey },
    server2: { address: droplet.ipv4Address, hostKey: hostKeys.server2.publicKey },
    server3: { address: akamai.ipAddress, hostKey: hostKeys.server3.publicKey },
    home,
  },
  services: { postgres: { server: "server1", port: 5432 } },
  // A new server boots for a while before SSH answers.
  ssh: { privateKey: deploy.privateKey, connectTimeout: 300 },
});

export const servers = mesh.servers;
