import type { Log } from "./log";
import type { Properties } from "./values";

export interface Failure {
  property: string;
  reason: string;
}

/** What a request says about the resource it is for. */
export interface Context {
  name: string;
  preview: boolean;
  log: Log;
  /** Aborted when the user interrupts the CLI. */
  cancelled: AbortSignal;
}

/** One resource type of a stand-in provider. Properties come and go in the engine's own form. */
export interface Resource {
  /** The inputs with their defaults; a failure for every input this stand-in does not implement. */
  check(inputs: Properties): { inputs: Properties; failures: Failure[] };
  /** True where a change of this top-level input needs a new resource. */
  replaces(property: string): boolean;
  create(inputs: Properties, context: Context): Promise<{ id: string; outputs: Properties }>;
  update(state: Properties, inputs: Properties, context: Context): Promise<Properties>;
  delete(state: Properties, context: Context): Promise<void>;
}
