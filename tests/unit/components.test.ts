import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { attemptsAt, attemptsWithin } from "../../components/attempts";
import { requireFirstWords } from "../../components/firstWords";
import { deleteCommand, hostCommand, hostProgram, hostStdin, meshCommand } from "../../components/hostProgram";
import { splitKnown } from "../../components/known";
import { lookAt, sentence } from "../../components/silence";
import { identitiesIn, printedAt, shared, warningsIn } from "../../components/stepOutput";

test("of what a step prints its warnings, its time and what tells copies apart are read", () => {
  const stdout = [
    "fakevpc host sha256:0123",
    "fakevpc host at 1795591188 machine-id:37074a93b88d5aea host-key:2a0dc00192311b76",
    "server1 host: installed socat",
    "server1 host: warning: dpkg has packages that are not configured: foreign: run 'dpkg --configure -a' on the server",
    "",
  ];
  for (const text of [stdout.join("\n"), stdout.join("\r\n")]) {
    assert.deepEqual(warningsIn(text), [
      "server1: dpkg has packages that are not configured: foreign: run 'dpkg --configure -a' on the server",
    ]);
    assert.equal(printedAt(text), 1795591188);
    assert.deepEqual([...identitiesIn(text)], ["machine-id:37074a93b88d5aea", "host-key:2a0dc00192311b76"]);
  }
  const bare = "fakevpc mesh sha256:0123\nserver1 mesh: nothing to change\n";
  assert.deepEqual([warningsIn(bare), printedAt(bare), identitiesIn(bare)], [[], 0, []]);
  assert.match(
    shared("machine-id:37", ["server1", "server2"]),
    /^server1 and server2 have the same machine id, as copies/,
  );
  assert.match(
    shared("host-key:2a", ["server1", "server2"]),
    /^server1 and server2 have the same SSH host key, as copies/,
  );
});

test("attempts, and the waits between them, fit into the time", () => {
  assert.equal(attemptsWithin(5, 2), 2);
  assert.equal(attemptsWithin(60, 2), 14);
  assert.equal(attemptsWithin(67, 2), attemptsWithin(60, 2) + 1);
  assert.equal(attemptsWithin(370, 2) - attemptsWithin(300, 2), 10);
  assert.equal(attemptsWithin(0, 2), 1);
});

test("a server that stands is asked three times, and one that may be starting again and again", () => {
  assert.deepEqual(attemptsAt(60, {}), { dialErrorLimit: 2, perDialTimeout: 20 });
  assert.deepEqual(attemptsAt(5, {}), { dialErrorLimit: 2, perDialTimeout: 1 });
  for (const patient of [attemptsAt(100, {}), attemptsAt(60, { starting: true })]) {
    assert.ok(patient.dialErrorLimit > 12);
    assert.equal(patient.perDialTimeout, 2);
  }
});

test("behind a bastion a server is asked as often as its silence fits into the time, and once at least", () => {
  const limitOf = (seconds: number, starting = false) => attemptsAt(seconds, { behind: true, starting }).dialErrorLimit;
  assert.deepEqual(
    [5, 60, 269, 270, 600].map((seconds) => limitOf(seconds)),
    [0, 0, 0, 1, 3],
  );
  assert.ok(limitOf(300, true) > 12);
});

test("args are split in what is known and the paths of what is not", () => {
  const later = pulumi.output("203.0.113.1");
  const { known, unknownPaths: paths } = splitKnown({
    servers: { server1: { address: later, wgPort: Promise.resolve(1), index: 1, user: undefined }, server2: null },
    domain: "example.org",
  });
  assert.deepEqual(known, { servers: { server1: { index: 1 }, server2: null }, domain: "example.org" });
  assert.deepEqual([...paths], ["servers.server1.address", "servers.server1.wgPort"]);
});

test("each command ends with its server, its options, and the version of what it runs", () => {
  const target = { prefix: "vpc", server: "server1" };
  assert.match(
    hostCommand(target, { upgrade: true, reapply: "x" }),
    / fakevpc host vpc server1 upgrade reapply=[0-9a-f]{8}$/,
  );
  assert.match(hostCommand(target, {}), / fakevpc host vpc server1$/);
  assert.match(meshCommand(target, {}), / \/var\/lib\/fakevpc\/vpc\/host\.sh apply vpc server1 [0-9a-f]{8}$/);
  assert.match(deleteCommand(target), / \/var\/lib\/fakevpc\/vpc\/host\.sh delete vpc server1$/);
});

test("a command line is one that csh takes, too", () => {
  const target = { prefix: "vpc", server: "server1" };
  for (const line of [hostCommand(target, {}), meshCommand(target, {}), deleteCommand(target)]) {
    assert.doesNotMatch(line, /[\n!]/);
  }
});

test("the host program begins with the mesh that it is for, and has every program of another kind as a variable", () => {
  assert.ok(hostStdin("0123").startsWith("# fakevpc mesh 0123\n#!/bin/sh\nset -eu\n"));
  for (const [, name] of hostProgram.matchAll(/\$\{?((?:awk|script)_\w+)/g)) {
    assert.match(hostProgram, new RegExp(`^${name}='`, "m"));
  }
});

test("a step's digest is looked for in all that the login printed", () => {
  const line = "fakevpc mesh sha256:3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"; // of "data"
  requireFirstWords("server1", "mesh", "data", `Welcome!\r\n${line}\r\nserver1 mesh: nothing to change\n`);
  const words = (stdout: string, step: "host" | "mesh" = "mesh", stdin = "data") => {
    let message = "";
    assert.throws(
      () => requireFirstWords("server1", step, stdin, stdout),
      (error) => {
        assert.ok(error instanceof pulumi.RunError);
        message = error.message;
        assert.equal(error.stack, message);
        return true;
      },
    );
    return message;
  };
  assert.match(words(""), /^server1: the login ran something else than the step "mesh" \(it printed nothing\): mend /);
  assert.match(words("no shell here\n"), /it printed "no shell here"\): .* change `reapply` of this server$/);
  assert.match(words(line, "mesh", "other data"), /printed "fakevpc mesh sha256:…"/);
  assert.match(words(line, "host"), /the step "host"/);
  const key = `${"A".repeat(43)}=`;
  assert.ok(!words(`private key=${key}`).includes(key));
});

test("a port that is looked at greets, says nothing, or is not there", async () => {
  const servers = [
    createServer((socket) => void socket.write("SSH-2.0-x\r\n")),
    createServer(() => {}),
    createServer(),
  ];
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  servers.pop()!.close();
  const seen = await Promise.all(ports.map((port) => lookAt("127.0.0.1", port, 0.2)));
  for (const server of servers) server.close();
  assert.deepEqual(seen, ["greets", "says nothing", { error: "ECONNREFUSED" }]);
});

test("a silent server is named with where it is, and how to go on", () => {
  const place = "203.0.113.1:22";
  assert.match(
    sentence("server1", 90, "says nothing", place),
    /^server1: .* 90 s: SSH at 203\.0\.113\.1:22 takes .*Ctrl-C twice/,
  );
  assert.match(sentence("server1", 90, "greets", place), /answers, so the step may wait for apt or cloud-init/);
  assert.match(sentence("server1", 90, { error: "ETIMEDOUT" }, place), /cannot be reached from here \(ETIMEDOUT\)/);
  assert.match(
    sentence("server1", 90, "greets", "gate:22", place),
    /bastion at gate:22 answers, so it may be 203\.0\.113\.1:22/,
  );
});
