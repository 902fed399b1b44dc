import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type ServerArgs } from "fakevpc";

const config = new pulumi.Config();

const mesh = new FakeVpc("mesh", {
  servers: config.requireObject<Record<string, ServerArgs>>("servers"),
  services: { postgres: { server: "server1", port: 5432 } },
  ssh: { privateKey: config.requireSecret("sshKey") },
});

export const servers = mesh.servers;
