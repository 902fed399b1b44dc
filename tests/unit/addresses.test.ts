import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { addressSeen, canonical, isInRange, rangeOf, withPort } from "../../mesh/addresses";

test("each server of five sees the others where the seed of this project says", () => {
  const seen = (from: number) => [1, 2, 3, 4, 5].map((of) => addressSeen(1, of, from));
  assert.deepEqual(seen(1), ["127.0.0.1", "192.168.1.2", "192.168.1.3", "192.168.1.4", "192.168.1.5"]);
  assert.deepEqual(seen(2), ["192.168.1.1", "127.0.0.1", "192.168.2.3", "192.168.2.4", "192.168.2.5"]);
  assert.deepEqual(seen(3), ["192.168.1.1", "192.168.2.1", "127.0.0.1", "192.168.3.4", "192.168.3.5"]);
  assert.deepEqual(seen(5), ["192.168.1.1", "192.168.2.1", "192.168.3.1", "192.168.4.1", "127.0.0.1"]);
});

test("the offset moves the third number alone", () => {
  assert.equal(addressSeen(5, 1, 3), "192.168.5.1");
  assert.equal(addressSeen(5, 3, 1), "192.168.5.3");
  assert.equal(addressSeen(0, 1, 254), "192.168.0.1");
  assert.equal(addressSeen(2, 253, 254), "192.168.254.1");
  assert.equal(rangeOf(5, 3), "192.168.7.0/24");
});

test("a range holds its own addresses and no others", () => {
  assert.ok(isInRange("192.168.5.77", 5, 1));
  assert.ok(!isInRange("192.168.50.77", 5, 1));
  assert.ok(!isInRange("192.168.5.example.org", 5, 1));
});

test("two spellings of one address are one", () => {
  assert.equal(canonical("2001:DB8:0:0::1"), canonical("2001:db8::1"));
  assert.equal(canonical("::ffff:192.0.2.1"), canonical("::ffff:c000:201"));
  assert.equal(canonical("Host.Example"), "host.example");
});

test("an IPv6 address stands in brackets before its port", () => {
  assert.equal(withPort("2001:db8::1", 51821), "[2001:db8::1]:51821");
  assert.equal(withPort("203.0.113.1", 51821), "203.0.113.1:51821");
});
