import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FakeVpc, FakeVpcArgs } from "../../components";
import { packageFile } from "../../components/packageFile";

/** Installs the echo service on its server. It listens on 127.0.0.1 alone; the mesh forwards to it. */
export function installEcho({ servers, services, ssh }: FakeVpcArgs, mesh: FakeVpc): void {
  const { address, hostKey } = servers[services!.echo!.server]!;
  const privateKey = pulumi.secret(readFileSync(ssh!.privateKeyFile!, "utf8"));
  const connection = { host: address, hostKey, user: "root", privateKey };
  const install = script("install-echo.sh");
  // The service is a socat, which the mesh installs.
  new command.remote.Command(
    "echo",
    { connection, create: install, update: install, delete: script("remove-echo.sh"), addPreviousOutputInEnv: false },
    { dependsOn: mesh },
  );
}

function script(name: string): string {
  return readFileSync(packageFile("demo/program", name), "utf8");
}
