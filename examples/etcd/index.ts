import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type ServerArgs } from "fakevpc";

// pulumi config set --path servers.server1.address 203.0.113.11 (and so on), pulumi config set keyFile ~/.ssh/id_ed25519
const config = new pulumi.Config();
const servers = config.requireObject<Record<string, ServerArgs>>("servers");
const privateKeyFile = config.require("keyFile");

const mesh = new FakeVpc("mesh", { servers, ssh: { privateKeyFile }, network: "10.77.0.0/16" });

const members = mesh.servers.apply((outputs) =>
  Object.entries(outputs).map(([name, { address }]) => `${name}=http://${address}:2380`),
);
const install = readFileSync(join(__dirname, "etcd.sh"), "utf8");
const privateKey = pulumi.secret(readFileSync(privateKeyFile, "utf8"));

for (const [name, { address, hostKey, user = "root", sshPort: port }] of Object.entries(servers)) {
  const own = mesh.servers.apply((outputs) => outputs[name]!.address!);
  new command.remote.Command(
    `etcd-${name}`,
    {
      connection: { host: address, port, user, hostKey, privateKey },
      create: install,
      update: install,
      stdin: pulumi.all([own, members]).apply(([ip, all]) => `${name} ${ip} ${all.join(",")}\n`),
      addPreviousOutputInEnv: false,
    },
    { dependsOn: mesh },
  );
}

export const endpoints = mesh.servers.apply((outputs) =>
  Object.values(outputs).map(({ address }) => `http://${address}:2379`),
);
