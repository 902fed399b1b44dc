import assert from "node:assert/strict";
import { test } from "@jest/globals";
import type { Mesh } from "../../mesh/mesh";
import { clashesOf } from "../../mesh/meshes";
import { checkMesh } from "../../mesh/validate";

const servers = { server1: { address: "203.0.113.11" }, server2: { address: "2001:db8::2" } };
const first = checkMesh({ servers });

function clashes(mesh: Mesh): string[] {
  return clashesOf(mesh, first, "first").map(({ path, message }) => `${path}: ${message}`);
}

test("two meshes of the same servers, with everything of their own, do not clash", () => {
  const ports = { server1: { ...servers.server1, wgPort: 52001 }, server2: { ...servers.server2, wgPort: 52002 } };
  assert.deepEqual(clashes(checkMesh({ servers: ports, prefix: "lab", domain: "lab", ifaceIpOffset: 50 })), []);
});

test("each thing that two meshes share on a server is named", () => {
  const address = "2001:DB8:0::2";
  assert.deepEqual(clashes(checkMesh({ servers: { other2: { address } } })), [
    'prefix: "vpc" is a prefix which first uses on this server too',
    'domain: "vpcdomain" is a domain which first uses on this server too',
    "ifaceIpOffset: 1 leads to 192.168.2.0/24, which first uses on this server too",
    "servers.other2.wgPort: 51822 is a port which first uses on this server too",
  ]);
});

test("meshes of different servers share whatever they like", () => {
  assert.deepEqual(clashes(checkMesh({ servers: { server1: { address: "203.0.113.12" } } })), []);
});
