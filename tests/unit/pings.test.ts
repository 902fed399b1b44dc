import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { lossIn } from "../../lab/servers/pings";

const pings = (answered: number[], sent: number) => `${answered.map((number) => `${number}\n`).join("")}sent ${sent}\n`;

test("a lost packet is one that others after it outlived, or that had its time", () => {
  assert.deepEqual(lossIn(pings([1, 2, 5, 6], 6), 1), { sent: 6, lost: 2, dark: 20, gaps: ["3-4"] });
  assert.deepEqual(
    lossIn(pings([1, 2, 3], 4), 1),
    { sent: 3, lost: 0, dark: 0, gaps: [] },
    "the last was still on its way",
  );
  assert.deepEqual(lossIn(pings([1], 6), 1), { sent: 6, lost: 5, dark: 50, gaps: ["2-6"] }, "dark to the end");
  assert.deepEqual(
    lossIn(pings([1], 101), 100),
    { sent: 1, lost: 0, dark: 0, gaps: [] },
    "all were still on their way",
  );
  assert.deepEqual(
    lossIn(pings([1], 102), 100),
    { sent: 102, lost: 101, dark: 1010, gaps: ["2-102"] },
    "dark to the end",
  );
  assert.deepEqual(lossIn(pings([2, 1, 3], 3), 1), { sent: 3, lost: 0, dark: 0, gaps: [] }, "answers out of order");
  assert.deepEqual(
    lossIn(pings([1, 1, 2], 2), 1),
    { sent: 2, lost: 0, dark: 0, gaps: [] },
    "an answer that came twice",
  );
  assert.deepEqual(lossIn("", 1), { sent: 0, lost: 0, dark: 0, gaps: [] }, "nothing");
});

test("a packet that the kernel did not take is told by its words", () => {
  const output = `${pings([1, 3], 3)}2 could not leave: [Errno 105] No buffer space available\n`;
  assert.deepEqual(lossIn(output, 1).gaps, ["2-2 could not leave: [Errno 105] No buffer space available"]);
});

test("an hour of pings is counted", () => {
  const answered = Array.from({ length: 360_000 }, (_, at) => at + 1).filter((number) => number !== 70_000);
  assert.deepEqual(lossIn(pings(answered, 360_000), 1), { sent: 360_000, lost: 1, dark: 10, gaps: ["70000-70000"] });
});
