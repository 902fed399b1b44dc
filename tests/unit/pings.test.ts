import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { lossIn } from "../../lab/servers/pings";

const pings = (answered: number[], sent: number) => `${answered.map((number) => `${number}\n`).join("")}sent ${sent}\n`;

test("a lost packet is one that others after it outlived, or that had its time", () => {
  assert.deepEqual(lossIn(pings([1, 2, 5, 6], 6), 1), { sent: 6, lost: 2, dark: 20 });
  assert.deepEqual(lossIn(pings([1, 2, 3], 4), 1), { sent: 3, lost: 0, dark: 0 }, "the last was still on its way");
  assert.deepEqual(lossIn(pings([1], 6), 1), { sent: 6, lost: 5, dark: 50 }, "dark to the end");
  assert.deepEqual(lossIn(pings([1], 101), 100), { sent: 1, lost: 0, dark: 0 }, "all were still on their way");
  assert.deepEqual(lossIn(pings([1], 102), 100), { sent: 102, lost: 101, dark: 1010 }, "dark to the end");
  assert.deepEqual(lossIn(pings([2, 1, 3], 3), 1), { sent: 3, lost: 0, dark: 0 }, "answers out of order");
  assert.deepEqual(lossIn(pings([1, 1, 2], 2), 1), { sent: 2, lost: 0, dark: 0 }, "an answer that came twice");
  assert.deepEqual(lossIn("", 1), { sent: 0, lost: 0, dark: 0 }, "nothing");
});

test("an hour of pings is counted", () => {
  const answered = Array.from({ length: 360_000 }, (_, at) => at + 1).filter((number) => number !== 70_000);
  assert.deepEqual(lossIn(pings(answered, 360_000), 1), { sent: 360_000, lost: 1, dark: 10 });
});
