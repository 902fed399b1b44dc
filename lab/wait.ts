import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until the answer is yes. Throws, saying what was waited for, after so many seconds. */
export async function waitUntil(check: () => Promise<boolean>, seconds: number, what: string): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${seconds} s`);
    }
    await sleep(100);
  }
}
