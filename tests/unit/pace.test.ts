import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "@jest/globals";
import { Pace, type Rules } from "../../components/pace";

const long = 600_000;
const paceOf = (rules: Partial<Rules>, onWait?: () => void) =>
  new Pace({ places: 2, milliseconds: long, afterwards: 0, apart: 0, ...rules }, onWait);

/** Takes places by name, and notes who has one. */
function takers(pace: Pace) {
  const order: string[] = [];
  const take = async (name: string) => {
    const place = await pace.take();
    order.push(name);
    return place;
  };
  return { order, take };
}

test("who is let in waits for a place, the first of all alone, and a place is free once its connection is over", async () => {
  const { order, take } = takers(paceOf({}));
  const [first, second, third] = [take("first"), take("second"), take("third")];
  const one = await first;
  await setImmediate();
  assert.deepEqual(order, ["first"], "the second waits until the first is over");
  one.end(true);
  const two = await second;
  await third;
  const fourth = take("fourth");
  await setImmediate();
  assert.deepEqual(order, ["first", "second", "third"]);
  two.end(true);
  await fourth;
});

test("where connections are counted, a place is free before its time only where there was none", async () => {
  let say = () => {};
  const said = new Promise<void>((resolve) => {
    say = resolve;
  });
  const { order, take } = takers(paceOf({ afterwards: long }, say));
  (await take("first")).end(true);
  const two = await take("second");
  const third = take("third");
  await said;
  assert.deepEqual(order, ["first", "second"]);
  two.end(false);
  await third;
});

test("where connections are counted, a place is free some time after its connection is over", async () => {
  const pace = paceOf({ places: 1, afterwards: 20 });
  const one = await pace.take();
  const two = pace.take().then(() => performance.now());
  const over = performance.now();
  one.end(true);
  assert.ok((await two) - over > 19);
});

test("one begins some time after the one before, where that has not ended", async () => {
  const pace = paceOf({ places: 8, apart: 20 });
  (await pace.take()).end(true);
  const [second, third] = await Promise.all([0, 0].map(() => pace.take().then(() => performance.now())));
  assert.ok(third! - second! > 19);
});

test("a place is free again after its time, though nothing has ended", async () => {
  const pace = paceOf({ places: 1, milliseconds: 1 });
  await pace.take();
  await pace.take();
});
