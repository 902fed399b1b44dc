import { createHash } from "node:crypto";
import { jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it. */
export interface Registered {
  type: string;
  name: string;
  /** Names of the resources that it waits for. */
  after: string[];
  /** A secret is `{ secret: value }`, what is not known yet is `unknown`. */
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of any type of resource
  inputs: any;
}

export const unknown = "(unknown)";

export interface MockOptions {
  /** Run a preview, in which these resources do not exist yet: nothing is known of what they will give. */
  previewOf?: string[];
}

/** Runs a program on mocks to its end, and returns what it registered and warned of. */
export async function runProgram<T>(program: () => T | Promise<T>, { previewOf }: MockOptions = {}) {
  const resources = new Map<string, Registered>();
  const isNew = (name: string) => previewOf?.includes(name) ?? false;
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => ({
      id: isNew(name) ? undefined : `${name}-id`,
      state: isNew(name) ? inputs : { ...inputs, ...outputsOf(type, name, inputs) },
    }),
    call: ({ inputs }) => inputs,
  };
  await pulumi.runtime.setMocks(mocks, "fakevpc", "test", previewOf !== undefined);
  record(resources);
  const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
  try {
    const result = await program();
    await pulumi.runtime.disconnect();
    return { result, resources, warnings: Array.from(warn.mock.calls, ([text]) => String(text)) };
  } finally {
    warn.mockRestore();
  }
}

/** A server that the program itself creates: its address is an output. */
export class Machine extends pulumi.CustomResource {
  declare readonly address: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;

  constructor(name: string) {
    super("test:index:Machine", name, { address: undefined, port: undefined });
  }
}

/** What an output comes to: its value, or its error. */
export async function settled<T>(output: pulumi.Output<T>): Promise<T> {
  const inner = output as unknown as Record<"isKnown" | "isSecret" | "allResources", unknown> & {
    promise(): Promise<T>;
  };
  await Promise.allSettled([inner.isKnown, inner.isSecret, (inner.allResources as () => unknown)()]); // they fail as well
  return inner.promise();
}

// biome-ignore lint/suspicious/noExplicitAny: the inputs of any type of resource
function outputsOf(type: string, name: string, inputs: any): Record<string, unknown> {
  const bytes = createHash("sha256").update(name).digest().subarray(0, inputs.length);
  switch (type) {
    case "random:index/randomBytes:RandomBytes":
      return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
    case "random:index/randomPassword:RandomPassword":
      return { result: bytes.toString("hex") };
    case "tls:index/privateKey:PrivateKey":
      return { publicKeyOpenssh: "ssh-ed25519 AAAA\n", privateKeyOpenssh: "-----BEGIN OPENSSH PRIVATE KEY-----\n" };
    case "command:remote:Command":
      return { stdout: firstWords(name, inputs.stdin) };
    case "test:index:Machine":
      return { address: "203.0.113.99", port: 70000 };
    default:
      return {};
  }
}

/** A step says which standard input it got. */
function firstWords(name: string, stdin: unknown): string {
  const digest = createHash("sha256")
    .update(String(pulumi.runtime.unwrapRpcSecret(stdin)))
    .digest("hex");
  return `fakevpc ${name.split("-").at(-1)} sha256:${digest}\n`;
}

/** Mocks are not told what a resource waits for, so the requests themselves are read. */
function record(resources: Map<string, Registered>): void {
  // biome-ignore lint/suspicious/noExplicitAny: the class of the monitor is not exported
  const monitor = pulumi.runtime.getMonitor() as any;
  const register = monitor.registerResource.bind(monitor);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  monitor.registerResource = (request: any, callback: unknown) => {
    const [type, name] = [request.getType(), request.getName()];
    const after = request.getDependenciesList().map((urn: string) => urn.split("::").at(-1)!);
    resources.set(name, { type, name, after, inputs: readable(request.getObject().toJavaScript()) });
    return register(request, callback);
  };
}

/** Values as they travel, in the form that Registered promises. */
function readable(value: unknown): unknown {
  if (value === "04da6b54-80e4-46f7-96ec-b56ff0331ba9") return unknown; // Pulumi's mark for it
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return { secret: readable(pulumi.runtime.unwrapRpcSecret(value)) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}
