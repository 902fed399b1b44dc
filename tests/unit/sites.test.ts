import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { planOf } from "../../mesh/plan";
import { ProblemsError } from "../../mesh/problem";
import { checkMesh } from "../../mesh/validate";

const server1 = { address: "203.0.113.11" };
const home2 = { address: "10.0.0.2", public: false, site: "home" };
const home3 = { address: "10.0.0.3", public: false, site: "home" };

function dials(config: unknown, name: string): Record<string, string | undefined> {
  const { interfaces } = planOf(checkMesh(config), name);
  const peers = interfaces.flatMap((each) => each.peers);
  return Object.fromEntries(peers.map((peer) => [peer.name, peer.endpoint?.host]));
}

function problems(config: unknown): string[] {
  try {
    checkMesh(config);
    return [];
  } catch (error) {
    assert(error instanceof ProblemsError);
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

test("private servers of one LAN dial each other there", () => {
  const config = { servers: { server1, home2, home3: { ...home3, lanAddress: "10.9.9.3" } } };
  assert.deepEqual(dials(config, "home3"), { server1: "203.0.113.11", home2: "10.0.0.2" });
  assert.deepEqual(dials(config, "home2"), { server1: "203.0.113.11", home3: undefined });
});

test("a public server is dialled in its LAN only where it says how", () => {
  const nearby = { ...server1, site: "home" };
  assert.deepEqual(dials({ servers: { nearby1: nearby, home2 } }, "home2"), { nearby1: "203.0.113.11" });
  const known = { ...nearby, lanAddress: "10.0.0.1" };
  assert.deepEqual(dials({ servers: { nearby1: known, home2 } }, "home2"), { nearby1: "10.0.0.1" });
});

test("a pair that cannot meet is named", () => {
  assert.deepEqual(problems({ servers: { server1, home2, home3: { ...home3, site: "office" } } }), [
    "servers.home3.public: false is so for home2 too, and neither can dial the other: in one LAN, give both the same site; elsewhere, give home2 a relay, a public server through which they meet",
  ]);
});

test("a private server may be below a public one of its own site", () => {
  const server3 = { address: "203.0.113.13", site: "home" };
  assert.deepEqual(dials({ servers: { home2, server3 } }, "server3"), { home2: "10.0.0.2" });
});

test("two places of one address in a LAN are found", () => {
  const same = { ...home3, address: "10.0.0.30", lanAddress: "10.0.0.2", wgPort: 51822 };
  assert.deepEqual(problems({ servers: { server1, home2, home3: same } }), [
    "servers.home3.lanAddress: 10.0.0.2:51822 is the address in home of home2 too",
  ]);
});
