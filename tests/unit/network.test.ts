import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import {
  isMeshNetwork,
  isMeshNetwork6,
  networkFromId,
  networkOf,
  numberOf,
  overlap,
  stableAddress,
  stableAddress6,
  stableRange,
  stableRange6,
} from "../../mesh/network";

const accepted = ["10.77.0.0/16", "10.77.0.0/24", "10.0.0.0/8", "172.16.4.0/22", "100.64.0.0/10", "192.168.77.0/24"];
const refused = ["10.77.0.1/16", "10.77.0.0/25", "8.8.0.0/16", "0.0.0.0/0", "172.0.0.0/8", "10.77.0.0", "x/16", "", 10];

test.each(accepted)("%s is a network for a mesh", (text) => assert.ok(isMeshNetwork(text)));
test.each(refused)("%s is none", (text) => assert.ok(!isMeshNetwork(text)));
test.each(["auto", "fd12:3456:789a::/48", "FD12:3456:789A::/48", "fd12:0:0::/48"])(
  "%s is an IPv6 network for a mesh",
  (text) => assert.ok(isMeshNetwork6(text)),
);
test.each(["fe80::/48", "fd12:3456:789a::/64", "fd12:3456:789a:1::/48", "2001:db8::/48", "fd12::1/48", 6])(
  "%s is no IPv6 network for one",
  (text) => assert.ok(!isMeshNetwork6(text)),
);

test("a server's address ends in its index, in both families", () => {
  assert.equal(stableAddress("10.77.0.0/16", 2), "10.77.0.2");
  assert.equal(stableAddress("172.16.4.0/22", 254), "172.16.4.254");
  assert.equal(stableAddress6("fd12:3456:789a::/48", 2), "fd12:3456:789a::2");
  assert.equal(stableAddress6("fd12:3456:789a::/48", 254), "fd12:3456:789a::254");
  assert.equal(networkFromId("0a0b0c0d0e0f0102"), "fd0a:b0c:d0e::/48");
});

test("every server's address lies in the range that is kept within the mesh, and no two are the same", () => {
  const index = fc.integer({ min: 1, max: 254 });
  fc.assert(
    fc.property(index, index, (one, other) => {
      const range = networkOf(stableRange("10.77.0.0/16"))!;
      const number = numberOf(stableAddress("10.77.0.0/16", one));
      assert.ok(overlap({ first: number, last: number }, range));
      assert.ok(Number.parseInt(stableAddress6("fd00:1:2::/48", one).split("::")[1]!, 16) < 2 ** 10);
      assert.equal(stableAddress6("fd00:1:2::/48", one) === stableAddress6("fd00:1:2::/48", other), one === other);
    }),
  );
  assert.equal(stableRange6("fd00:1:2::/48"), "fd00:1:2::/118");
});
