import * as pulumi from "@pulumi/pulumi";
import type { FakeVpcArgs, ProxyArgs, ServerArgs, SshArgs } from "./args";

/** The arguments with every key file's content in its place, and every key and passphrase marked as a secret. */
export function withSecrets(args: FakeVpcArgs, contentOf: (file: string) => string | undefined): FakeVpcArgs {
  const key = (field: string, file: string | undefined, given: pulumi.Input<string> | undefined) =>
    secret(field, file === undefined ? given : contentOf(file));

  const ofServer = (server: ServerArgs): ServerArgs => {
    const { sshPrivateKeyFile, sshPrivateKey, sshPrivateKeyPassphrase, privateKey, proxy, ...rest } = server;
    return {
      ...rest,
      ...key("sshPrivateKey", sshPrivateKeyFile, sshPrivateKey),
      ...secret("sshPrivateKeyPassphrase", sshPrivateKeyPassphrase),
      ...secret("privateKey", privateKey),
      ...(proxy && { proxy: ofLogin(proxy) }),
    };
  };

  const ofLogin = <T extends SshArgs | ProxyArgs>({
    privateKeyFile,
    privateKey,
    privateKeyPassphrase,
    ...rest
  }: T): T => {
    const secrets = {
      ...key("privateKey", privateKeyFile, privateKey),
      ...secret("privateKeyPassphrase", privateKeyPassphrase),
    };
    return { ...rest, ...secrets } as unknown as T;
  };

  const { ssh } = args;
  return {
    ...args,
    servers: Object.fromEntries(Object.entries(args.servers).map(([name, server]) => [name, ofServer(server)])),
    ...(ssh && { ssh: { ...ofLogin(ssh), ...(ssh.proxy && { proxy: ofLogin(ssh.proxy) }) } }),
  };
}

function secret(field: string, value: pulumi.Input<string> | undefined): Record<string, pulumi.Output<string>> {
  return value === undefined ? {} : { [field]: pulumi.secret(value) };
}
