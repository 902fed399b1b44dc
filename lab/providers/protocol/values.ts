/**
 * Properties as the engine sends them: plain JSON, in which a secret is an object with a signature and a value
 * that is not known yet (in a preview) is one fixed string.
 */
export type Properties = Record<string, unknown>;

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a secret, an asset or anything else the engine marks, whose fields are not properties. */
export function isSigned(value: unknown): value is Properties {
  return isObject(value) && signatureKey in value;
}

function isSecret(value: unknown): value is Properties {
  return isObject(value) && value[signatureKey] === secretSignature;
}

export function secret(value: unknown): unknown {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** The same value without any marks of secrets, at any depth. */
export function reveal(value: unknown): unknown {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, reveal(field)]));
  return value;
}
