import * as pulumi from "@pulumi/pulumi";
import { FakeVpc } from "fakevpc";

const config = new pulumi.Config();

const mesh = new FakeVpc("mesh", {
  // By name; a third server is one more line. A `hostKey` beside each address tells the server from an impostor:
  // `ssh-keyscan -t ed25519 ADDRESS` prints it after the address.
  servers: {
    server1: { address: config.require("server1") },
    server2: { address: config.require("server2") },
  },
  // What listens on 127.0.0.1:5432 of server1 is at server1.vpcdomain:5432 for the mesh, and for nobody else:
  // services: { postgres: { server: "server1", port: 5432 } },
  ssh: { user: config.require("user"), privateKeyFile: config.require("privateKeyFile") },
});

export const servers = mesh.servers;
export const graph = mesh.graph;
