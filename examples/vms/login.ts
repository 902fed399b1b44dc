import * as path from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { settings } from "./settings";

/** A machine as ssh needs to know it. */
export interface Login {
  name: string;
  port: number;
  hostKey: pulumi.Output<string>;
}

/** Writes what a person needs to log in, for `ssh -F`, and returns the file's path. */
export function writeLogin(
  privateKey: pulumi.Output<string>,
  machines: Login[],
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const file = (name: string) => path.join(settings.directory, name);
  const hosts = machines.map(({ name, port }) => `Host ${name}\n  Port ${port}\n`);
  const common = [
    "Host *",
    "  HostName 127.0.0.1",
    "  User ubuntu",
    `  IdentityFile "${file("key")}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${file("known_hosts")}"`,
    "",
  ];
  const keys = machines.map(({ port, hostKey }) => pulumi.interpolate`[127.0.0.1]:${port} ${hostKey}\n`);
  const written = new command.local.Command(
    "login",
    {
      create: `umask 077; cd "$DIRECTORY"; cat >key; printf %s "$CONFIG" >ssh_config; printf %s "$KNOWN" >known_hosts`,
      delete: `cd "$DIRECTORY"; rm -f key ssh_config known_hosts`,
      environment: {
        DIRECTORY: settings.directory,
        CONFIG: [...hosts, ...common].join("\n"),
        KNOWN: pulumi.all(keys).apply((lines) => lines.join("")),
      },
      stdin: privateKey,
      addPreviousOutputInEnv: false,
    },
    options,
  );
  return written.id.apply(() => file("ssh_config"));
}
