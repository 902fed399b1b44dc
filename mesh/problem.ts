/** One thing wrong with the input: where, and a sentence that starts with the value and ends with the rule. */
export interface Problem {
  /** Dotted, as in the config: `servers.web.wgPort`. */
  path: string;
  message: string;
}

/** Thrown with every problem of the input at once. */
export class ProblemsError extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems.map((problem) => `${problem.path || "arguments"}: ${problem.message}`).join("\n"));
  }
}

/** Stands in a config for an output or a secret of Pulumi's, at a place that must be plain. */
export const notPlain = Symbol("output or secret");

/** A value as it is shown in a message: a text in quotes, cut where it is long; what may hold a secret by its kind alone. */
export function show(value: unknown): string {
  if (typeof value === "symbol") return `(${value.description})`;
  if (Array.isArray(value)) return "(list)";
  if (typeof value === "function" || (typeof value === "object" && value !== null))
    return isEmpty(value) ? "{}" : "(map)";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** A path as it is shown: keys may hold anything, and a problem is one line. */
export function pathOf(keys: readonly PropertyKey[]): string {
  const shown = keys.map((key) =>
    String(key).replace(/\p{C}|\p{Zl}|\p{Zp}/gu, (odd) => JSON.stringify(odd).slice(1, -1)),
  );
  return shown.join(".");
}
