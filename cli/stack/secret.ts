const secretMark = "4dabf18193072939515e22adb298388d";

/** A value of the state without the marks of secrets. What is still encrypted is left out. */
export function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revealed);
  const { plaintext, ...rest } = value as Record<string, unknown>;
  if (secretMark in rest) return typeof plaintext === "string" ? revealed(JSON.parse(plaintext)) : undefined;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}
