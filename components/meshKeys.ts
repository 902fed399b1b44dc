import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { presharedKeyOf, privateKeyOf, publicKeyOf } from "../mesh/keys";
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
    const newBytes = (noun: string, length: number) =>
      new random.RandomBytes(`${name}-${noun}`, { length }, { parent });
    this.meshId = pulumi.unsecret(newBytes("id", 8).hex);
    this.secret = newBytes("preshared", 32).base64;
    for (const { name: server } of mesh.servers) {
      const given = args.servers[server]!.privateKey;
      const bytes = given === undefined ? newBytes(`${server}-private`, 32).base64 : pulumi.output(given);
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
