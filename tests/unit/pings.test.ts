import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { lossIn } from "../../lab/servers/pings";

const pings = (answered: number[], sent: number) => `${answered.map((number) => `${number}\n`).join("")}sent ${sent}\n`;

test("a lost packet is one that others after it outlived, or that had its time", () => {
  assert.deepEqual(lossIn(pings([1, 2, 5, 6], 6)), { sent: 6, lost: 2, dark: 20 });
  assert.deepEqual(lossIn(pings([1, 2, 3], 4)), { sent: 3, lost: 0, dark: 0 }, "the last was still on its way");
  assert.deepEqual(lossIn(pings([1], 106)), { sent: 106, lost: 105, dark: 1050 }, "dark to the end");
  assert.deepEqual(lossIn(pings([2, 1, 3], 3)), { sent: 3, lost: 0, dark: 0 }, "answers out of order");
  assert.deepEqual(lossIn(pings([1, 1, 2], 2)), { sent: 2, lost: 0, dark: 0 }, "an answer that came twice");
  assert.deepEqual(lossIn(""), { sent: 0, lost: 0, dark: 0 }, "nothing");
});

test("an hour of pings is counted", () => {
  const answered = Array.from({ length: 360_000 }, (_, at) => at + 1).filter((number) => number !== 70_000);
  assert.deepEqual(lossIn(pings(answered, 360_000)), { sent: 360_000, lost: 1, dark: 10 });
});
