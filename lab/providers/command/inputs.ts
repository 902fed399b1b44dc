import type { Failure } from "../protocol/resource";
import { isObject, type Properties, reveal, secret, unknown } from "../protocol/values";

type Kind = "boolean" | "list" | "logging" | "map" | "number" | "string" | "strings";

/** The inputs a stand-in has, and what each one takes. */
export type Inputs = Record<string, Kind>;

export const commandInputs: Inputs = {
  create: "string",
  update: "string",
  delete: "string",
  triggers: "list",
  stdin: "string",
  logging: "logging",
  addPreviousOutputInEnv: "boolean",
};

const hopInputs: Inputs = {
  host: "string",
  port: "number",
  user: "string",
  privateKey: "string",
  privateKeyPassword: "string",
  hostKey: "string",
  agentSocketPath: "string",
  dialErrorLimit: "number",
  perDialTimeout: "number",
};
const hopDefaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
const hopSecrets = ["privateKey", "privateKeyPassword"];

const accepts: Record<Kind, (value: unknown) => boolean> = {
  boolean: (value) => typeof value === "boolean",
  list: Array.isArray,
  logging: (value) => ["stdout", "stderr", "stdoutAndStderr", "none"].includes(value as string),
  map: (value) => isObject(value) && Object.values(value).every((field) => typeof field === "string"),
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};

const kinds: Record<Kind, string> = {
  boolean: "true or false",
  list: "a list",
  logging: "stdout, stderr, stdoutAndStderr or none",
  map: "a map of strings",
  number: "a number",
  string: "a string",
  strings: "a list of strings",
};

/** One failure per input that is not among those allowed or has a wrong value; one not known yet passes. */
export function checkInputs(inputs: Properties, allowed: Inputs, prefix = ""): Failure[] {
  return Object.entries(inputs).flatMap(([name, wire]) => {
    const property = prefix + name;
    const value = reveal(wire);
    const kind = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (name.startsWith("__") || value === null || value === unknown) return [];
    if (!kind) return [{ property, reason: `the stand-in provider (test equipment) has no input ${property}` }];
    return accepts[kind](value) || hasUnknown(value) ? [] : [{ property, reason: `${property} takes ${kinds[kind]}` }];
  });
}

/** The connection with its defaults, marked secret as a whole, and what is wrong with it. */
export function checkConnection(wire: unknown): { connection: unknown; failures: Failure[] } {
  const connection = reveal(wire);
  if (connection === unknown) return { connection: secret(wire), failures: [] };
  if (!isObject(connection)) return { connection: wire, failures: [missing("connection")] };
  const { proxy, ...target } = connection;
  const failures = checkHop(target, "connection.");
  const filled = withDefaults(target);
  if (isObject(proxy)) {
    failures.push(...checkHop(proxy, "connection.proxy."));
    filled.proxy = withDefaults(proxy);
  } else if (proxy !== undefined) filled.proxy = proxy;
  return { connection: secret(filled), failures };
}

function checkHop(hop: Properties, prefix: string): Failure[] {
  return [...(hop.host === undefined ? [missing(`${prefix}host`)] : []), ...checkInputs(hop, hopInputs, prefix)];
}

function withDefaults(hop: Properties): Properties {
  const filled: Properties = { ...hopDefaults, ...hop };
  for (const name of hopSecrets) if (filled[name] !== undefined) filled[name] = secret(filled[name]);
  return filled;
}

function missing(property: string): Failure {
  return { property, reason: `missing required property ${property}` };
}

function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value === unknown || (isObject(value) && Object.values(value).some(hasUnknown));
}
