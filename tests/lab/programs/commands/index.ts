import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

/** A resource to make. In its arguments `{ secret: x }` is a secret and `{ of: "name", output: "x" }` an output. */
export interface Wanted {
  name: string;
  type: keyof typeof types;
  // biome-ignore lint/suspicious/noExplicitAny: the tests also give what a type does not take
  args: any;
  options?: pulumi.CustomResourceOptions;
}

const types = {
  remote: command.remote.Command,
  copy: command.remote.CopyToRemote,
  local: command.local.Command,
  bytes: random.RandomBytes,
  pet: random.RandomPet,
  key: tls.PrivateKey,
};

const made: Record<string, Record<string, unknown>> = {};

for (const { name, type, args, options } of new pulumi.Config().requireObject<Wanted[]>("resources")) {
  // biome-ignore lint/suspicious/noExplicitAny: one of several classes with arguments of their own
  made[name] = new (types[type] as any)(name, resolved(args), options);
}

export const outputs = Object.fromEntries(
  Object.entries(made).map(([name, resource]) => [name, pick(resource, ["stdout", "stderr", "base64", "hex"])]),
);
export const keys = Object.fromEntries(
  Object.entries(made).map(([name, resource]) => [name, pick(resource, ["privateKeyOpenssh", "publicKeyOpenssh"])]),
);

function pick(resource: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => resource[name]).map((name) => [name, resource[name]]));
}

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if ("secret" in fields) return pulumi.secret(fields.secret);
  if ("output" in fields) return made[fields.of as string]![fields.output as string];
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, resolved(field)]));
}
