import { randomBytes } from "node:crypto";
import type { Context, Failure, Resource } from "../protocol/resource";
import { type Properties, reveal, unknown } from "../protocol/values";
import { checkConnection, checkInputs, commandInputs, type Inputs } from "./inputs";
import { Output } from "./output";
import { quote } from "./quote";

/** How a command ended: nothing where it succeeded, else what the official provider calls it. */
export type End = string | undefined;

/** Runs one command with a resource's plain inputs. Throws where it could not even begin. */
export type Run = (
  command: string,
  inputs: Properties,
  environment: Properties,
  output: Output,
  context: Context,
) => Promise<End>;

/** The rules that local and remote commands share: which command runs when, and what becomes of its output. */
export class Command implements Resource {
  constructor(
    private readonly extraInputs: Inputs,
    private readonly hasConnection: boolean,
    private readonly run: Run,
  ) {}

  check(inputs: Properties): { inputs: Properties; failures: Failure[] } {
    const { connection, ...rest } = inputs;
    const failures = checkInputs(rest, { ...commandInputs, ...this.extraInputs });
    if (!this.hasConnection) return { inputs, failures };
    const checked = checkConnection(connection);
    return { inputs: { ...rest, connection: checked.connection }, failures: [...failures, ...checked.failures] };
  }

  replaces(path: string): boolean {
    return path === "triggers"; // a change inside of it is turned into a replacement by the SDK's own options
  }

  async create(inputs: Properties, context: Context): Promise<{ id: string; outputs: Properties }> {
    const id = context.name + randomBytes(4).toString("hex");
    if (context.preview) return { id, outputs: { ...inputs, ...notKnown } };
    return { id, outputs: { ...inputs, ...(await this.perform(inputs.create, inputs, nothing, context)) } };
  }

  async update(state: Properties, inputs: Properties, context: Context): Promise<Properties> {
    if (context.preview) return { ...inputs, ...notKnown };
    return { ...inputs, ...(await this.perform(inputs.update ?? inputs.create, inputs, state, context)) };
  }

  async delete(state: Properties, context: Context): Promise<void> {
    await this.perform(state.delete, state, state, context);
  }

  /** Runs the command, where there is one, and returns the outputs; without one they stay as they were. */
  private async perform(
    wire: unknown,
    inputs: Properties,
    previous: Properties,
    context: Context,
  ): Promise<Properties> {
    if (wire === undefined || wire === null) return { stdout: previous.stdout, stderr: previous.stderr };
    const command = String(reveal(wire));
    const plain = reveal(inputs) as Properties;
    const output = new Output(plain.logging as string | undefined, context.log);
    const end = await this.run(command, plain, previousOutput(plain, previous), output, context);
    await output.end();
    const failure = end ?? output.problem;
    if (failure !== undefined) throw new Error(`${failure}: running ${quote(command)}:\n${output.text}`);
    return output.outputs;
  }
}

const notKnown = { stdout: unknown, stderr: unknown };
const nothing = { stdout: "", stderr: "" };

/** What an earlier run printed, for the environment of the next one. */
function previousOutput(inputs: Properties, previous: Properties): Properties {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const variables = { PULUMI_COMMAND_STDOUT: reveal(previous.stdout), PULUMI_COMMAND_STDERR: reveal(previous.stderr) };
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
}
