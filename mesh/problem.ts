/** One thing wrong with the input: where, and a sentence that starts with the value and ends with the rule. */
export interface Problem {
  /** Dotted, as in the config: `servers.web.wgPort`. */
  path: string;
  message: string;
}

/** Thrown with every problem of the input at once. */
export class ProblemsError extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems.map((problem) => `${problem.path}: ${problem.message}`).join("\n"));
  }
}

/** A value as it is shown in a message: text in quotes, the rest as JSON, long ones cut. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
