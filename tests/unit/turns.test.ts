import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { Turns } from "../../cli/server/turns";

test("four connections to an address begin at once, the fifth 30 s after the first", () => {
  const turns = new Turns();
  const waits = Array.from({ length: 9 }, (_, at) => turns.take("203.0.113.1", at));
  assert.deepEqual(waits, [0, 0, 0, 0, 29_996, 29_996, 29_996, 29_996, 59_992]);
  assert.equal(turns.take("203.0.113.2"), 0, "another address bears its own");
});

test("who waited long enough is not held up", () => {
  const turns = new Turns();
  for (let at = 0; at < 4; at++) turns.take("203.0.113.1", 0);
  assert.equal(turns.take("203.0.113.1", 31_000), 0);
});
