import assert from "node:assert/strict";
import { test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { attemptsWithin } from "../../components/connection";
import { applyCommand, deleteCommand } from "../../components/hostProgram";
import { separate } from "../../components/known";

test("attempts of two seconds each, and the waits between them, fit into the time", () => {
  assert.equal(attemptsWithin(5), 2);
  assert.equal(attemptsWithin(60), 14);
  assert.equal(attemptsWithin(67), attemptsWithin(60) + 1);
  assert.equal(attemptsWithin(370) - attemptsWithin(300), 10);
  assert.equal(attemptsWithin(0), 1);
});

test("args are split in what is known and the paths of what is not", () => {
  const later = pulumi.output("203.0.113.1");
  const { known, later: paths } = separate({
    servers: { server1: { address: later, wgPort: Promise.resolve(1), index: 1, user: undefined }, server2: null },
    domain: "example.org",
  });
  assert.deepEqual(known, { servers: { server1: { index: 1 }, server2: null }, domain: "example.org" });
  assert.deepEqual([...paths], ["servers.server1.address", "servers.server1.wgPort"]);
});

test("each command ends with the step, its owner, its options and the version of what it runs", () => {
  const owner = { prefix: "vpc", meshId: "0123", server: "server1" };
  assert.match(applyCommand("packages", owner, ["upgrade"]), / packages apply vpc 0123 server1 upgrade$/);
  assert.match(applyCommand("hosts", owner, []), /host\.sh hosts apply vpc 0123 server1 [0-9a-f]{8}$/);
  assert.match(deleteCommand("hosts", owner), /host\.sh hosts delete vpc 0123 server1$/);
});
