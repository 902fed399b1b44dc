import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import { bytesOf, presharedKeyOf, privateKeyOf, publicKeyOf } from "../../mesh/keys";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("base64"));

test("a public key is what `wg pubkey` prints", () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => at + 1));
  const privateKey = privateKeyOf(bytes.toString("base64"));
  assert.equal(privateKey, "AAIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eH2A=");
  assert.equal(publicKeyOf(privateKey), "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=");
});

test("a random text becomes 32 bytes of its own, the same each time", () => {
  assert.equal(Buffer.from(bytesOf("abc"), "base64").length, 32);
  assert.equal(bytesOf("abc"), bytesOf("abc"));
  assert.notEqual(bytesOf("abc"), bytesOf("abd"));
});

test("a private key is clamped, and clamped again it stays", () => {
  fc.assert(
    fc.property(key, (random) => {
      const bytes = Buffer.from(privateKeyOf(random), "base64");
      assert.equal(bytes.length, 32);
      assert.equal(bytes[0]! & 7, 0);
      assert.equal(bytes[31]! & 192, 64);
      assert.equal(privateKeyOf(privateKeyOf(random)), privateKeyOf(random));
      // Clamping is what X25519 does in any case, so the pair stays the same.
      assert.equal(publicKeyOf(privateKeyOf(random)), publicKeyOf(random));
    }),
  );
});

test("both ends of a pair compute one preshared key, which no other pair and no other mesh has", () => {
  fc.assert(
    fc.property(key, key, fc.uniqueArray(key, { minLength: 3, maxLength: 3 }), (secret, otherSecret, keys) => {
      const [a, b, c] = keys as [string, string, string];
      const shared = presharedKeyOf(secret, a, b);
      assert.equal(Buffer.from(shared, "base64").length, 32);
      assert.equal(presharedKeyOf(secret, b, a), shared);
      assert.notEqual(presharedKeyOf(secret, a, c), shared);
      assert.notEqual(presharedKeyOf(secret, b, c), shared);
      assert.equal(presharedKeyOf(otherSecret, a, b) === shared, otherSecret === secret);
    }),
  );
});
