import { createInterface } from "node:readline/promises";
import { CommandError } from "../stack/pulumi";

/** Whether somebody is there to answer. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** One answer from the terminal; empty where it was just Enter. Ctrl-C and Ctrl-D end the command. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // A question that nobody answers any more would end the process without a word.
  const closed = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new CommandError("no answer was given: nothing is written")));
  });
  try {
    return (await Promise.race([terminal.question(question), closed])).trim();
  } finally {
    terminal.close();
  }
}

/** An answer as `read` takes it, which says by a CommandError what is wrong with one: then it is asked for again. */
export async function askUntil<T>(question: string, read: (answer: string) => T): Promise<T> {
  for (;;) {
    const answer = await ask(question);
    try {
      return read(answer);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      process.stdout.write(`${error.message}\n`);
    }
  }
}
