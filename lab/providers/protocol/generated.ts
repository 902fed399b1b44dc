import type { Context, Failure, Resource } from "./resource";
import { type Properties, unknown } from "./values";

/** Inputs that make a new value when they change, and what each one accepts. */
export type Accepted = Record<string, { required?: boolean; accepts: (value: unknown) => boolean; rule: string }>;

/** A value that is made once and kept: any change of an input makes a new one. */
export class Generated implements Resource {
  constructor(
    private readonly accepted: Accepted,
    private readonly outputNames: string[],
    private readonly generate: (inputs: Properties) => { id: string; outputs: Properties },
  ) {}

  check(inputs: Properties): { inputs: Properties; failures: Failure[] } {
    const failures: Failure[] = [];
    for (const [property, value] of Object.entries(inputs)) {
      const field = Object.hasOwn(this.accepted, property) ? this.accepted[property] : undefined;
      if (property.startsWith("__")) continue;
      if (!field)
        failures.push({ property, reason: `the stand-in provider (test equipment) has no input ${property}` });
      else if (value !== unknown && !field.accepts(value)) failures.push({ property, reason: field.rule });
    }
    for (const [property, { required, rule }] of Object.entries(this.accepted)) {
      if (required && !(property in inputs)) failures.push({ property, reason: rule });
    }
    return { inputs, failures };
  }

  replaces(): boolean {
    return true;
  }

  async create(inputs: Properties, context: Context): Promise<{ id: string; outputs: Properties }> {
    if (!context.preview) {
      const { id, outputs } = this.generate(inputs);
      return { id, outputs: { ...inputs, ...outputs } };
    }
    return { id: "", outputs: { ...inputs, ...Object.fromEntries(this.outputNames.map((name) => [name, unknown])) } };
  }

  async update(): Promise<Properties> {
    throw new Error("a generated value is replaced, never updated");
  }

  async delete(): Promise<void> {}
}
