import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { bytesOf, presharedKeyOf, privateKeyOf, publicKeyOf } from "../mesh/keys";
import { renderKeys } from "../mesh/render";
import type { CheckedArgs } from "./checkedArgs";

/** The keys of a mesh. Each is made once and kept for ever, in Pulumi's state and on its server. */
export class MeshKeys {
  /** What tells this mesh from every other, whatever either is called. No secret. */
  readonly meshId: pulumi.Output<string>;
  /** By server. No secrets. */
  readonly publicKeys: Record<string, pulumi.Output<string>> = {};
  private readonly privateKeys: Record<string, pulumi.Output<string>> = {};
  private readonly secret: pulumi.Output<string>;

  constructor(name: string, { mesh, args }: CheckedArgs, parent: pulumi.Resource) {
    this.meshId = pulumi.unsecret(new random.RandomBytes(`${name}-id`, { length: 8 }, { parent }).hex);
    // Not RandomBytes: its value is its id too, and Pulumi encrypts no ids. Another version is another resource: the
    // old key is forgotten once the new one is everywhere.
    const newSecret = (noun: string, version?: string) => {
      const resourceName = [name, noun, ...(version === undefined ? [] : [version])].join("-");
      return new random.RandomPassword(resourceName, { length: 43, special: false }, { parent }).result.apply(bytesOf);
    };
    this.secret = newSecret("preshared", args.presharedKeyVersion);
    for (const { name: server } of mesh.servers) {
      const { privateKey: given, keyVersion = args.keyVersion } = args.servers[server]!;
      const bytes = given === undefined ? newSecret(`${server}-private`, keyVersion) : pulumi.output(given);
      this.privateKeys[server] = pulumi.secret(bytes.apply(privateKeyOf));
      this.publicKeys[server] = pulumi.unsecret(this.privateKeys[server].apply(publicKeyOf));
    }
  }

  /** What the step `key` of a server is given: its own key, and what it needs to know its peers. */
  of(server: string): pulumi.Output<string> {
    const others = Object.entries(this.publicKeys).filter(([name]) => name !== server);
    const named = others.map(([name, key]) => key.apply((publicKey) => ({ name, publicKey })));
    return pulumi
      .all([this.privateKeys[server]!, this.publicKeys[server]!, this.secret, pulumi.all(named)])
      .apply(([privateKey, own, secret, peers]) =>
        renderKeys(
          privateKey,
          peers.map((peer) => ({ ...peer, presharedKey: presharedKeyOf(secret, own, peer.publicKey) })),
        ),
      );
  }
}
