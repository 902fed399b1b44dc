import * as pulumi from "@pulumi/pulumi";
import { ProblemsError } from "../mesh/problem";
import { sharedKey } from "../mesh/rules/keys";

/** Throws where a server has the key of another one, as outputs may: it is known only by then. */
export function requireOwnKey(server: string, publicKey: string, peers: { name: string; publicKey: string }[]): void {
  const twin = peers.find((peer) => peer.publicKey === publicKey);
  if (twin) throw new pulumi.RunError(new ProblemsError([sharedKey(server, twin.name)]).message);
}
