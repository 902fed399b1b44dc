import { afterEach } from "@jest/globals";

let pending: (() => unknown)[] = [];

/** Runs this once the present test has ended, passed or not; what was asked for last runs first. */
export function afterThis(cleanUp: () => unknown): void {
  pending.unshift(cleanUp);
}

/** Says something that a test found out and does not judge. */
export function tell(text: string): void {
  process.stdout.write(`      ${text}\n`);
}

afterEach(async () => {
  const all = pending;
  pending = [];
  for (const cleanUp of all) await cleanUp();
});
