import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { bytesOf, presharedKeyOf, privateKeyOf, publicKeyOf } from "../mesh/keys";
import { renderKeys } from "../mesh/render";
import type { CheckedArgs } from "./checkedArgs";
import { requireOwnKey } from "./ownKey";
import { withoutSources } from "./withoutSources";

/** The keys of a mesh. Each is made once and kept for ever, in Pulumi's state and on its server. */
export class MeshKeys {
  /** What tells this mesh from every other, whatever either is called. No secret. */
  readonly meshId: pulumi.Output<string>;
  /** By server. No secrets. */
  readonly publicKeys: Record<string, pulumi.Output<string>> = {};
  private readonly privateKeys: Record<string, pulumi.Output<string>> = {};
  private readonly secret: pulumi.Output<string>;
  /** One output for all of them, and in it a function: pulumi.all copies any other value for each server once more. */
  private readonly allPublicKeys: pulumi.Output<() => { name: string; publicKey: string }[]>;
  private readonly sharedKeys = new Map<string, string>();
  /** A line for each key that is another than the first of its kind. Every server is given all of them. */
  readonly versions: string;

  constructor(name: string, { mesh, args }: CheckedArgs, parent: pulumi.Resource) {
    this.meshId = pulumi.unsecret(new random.RandomBytes(`${name}-id`, { length: 8 }, { parent }).hex);
    // Not RandomBytes: its value is its id too, and Pulumi encrypts no ids. Another version is another resource: the
    // old key is forgotten once the new one is everywhere.
    const newSecret = (noun: string, version?: string) => {
      const resourceName = [name, noun, ...(version === undefined ? [] : [version])].join("-");
      return new random.RandomPassword(resourceName, { length: 43, special: false }, { parent }).result.apply(bytesOf);
    };
    this.secret = newSecret("preshared", args.presharedKeyVersion);
    const versions = args.presharedKeyVersion === undefined ? [] : [`preshared keys: ${args.presharedKeyVersion}`];
    for (const { name: server } of mesh.servers) {
      const { privateKey: given, keyVersion = args.keyVersion } = args.servers[server]!;
      if (given !== undefined) versions.push(`${server}: given`);
      else if (keyVersion !== undefined) versions.push(`${server}: ${keyVersion}`);
      const bytes = given === undefined ? newSecret(`${server}-private`, keyVersion) : pulumi.output(given);
      this.privateKeys[server] = pulumi.secret(bytes.apply(privateKeyOf));
      this.publicKeys[server] = pulumi.unsecret(this.privateKeys[server].apply(publicKeyOf));
    }
    const names = Object.keys(this.publicKeys);
    const keys = withoutSources(pulumi.all(Object.values(this.publicKeys)).apply((all) => all.join(" ")));
    this.allPublicKeys = keys.apply((all) => {
      const peers = all.split(" ").map((publicKey, at) => ({ name: names[at]!, publicKey }));
      return () => peers;
    });
    this.versions = versions.map((line) => `${line}\n`).join("");
  }

  /** The keys that a server is given: its own, and what it needs to know its peers. A secret. */
  of(server: string): pulumi.Output<string> {
    return pulumi
      .all([this.privateKeys[server]!, this.secret, this.allPublicKeys])
      .apply(([privateKey, secret, allPublicKeys]) => {
        const all = allPublicKeys();
        const own = all.find(({ name }) => name === server)!.publicKey;
        const peers = all.filter(({ name }) => name !== server);
        requireOwnKey(server, own, peers);
        const withShared = peers.map(({ name, publicKey }) => {
          return { name, publicKey, presharedKey: this.sharedKey(secret, own, publicKey) };
        });
        return renderKeys(privateKey, withShared);
      });
  }

  /** The key of a pair, which is asked for by both of its ends. */
  private sharedKey(secret: string, one: string, other: string): string {
    const pair = one < other ? one + other : other + one;
    const known = this.sharedKeys.get(pair);
    if (known !== undefined) return known;
    const key = presharedKeyOf(secret, one, other);
    this.sharedKeys.set(pair, key);
    return key;
  }
}
