import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";

// server1 is behind a router that forwards another port to WireGuard's, which nobody reaches from outside.
let mesh: TestMesh;

const router = `table inet router {
  chain arriving { type nat hook prerouting priority dstnat; udp dport 40000 redirect to :51821; }
  chain closed { type filter hook prerouting priority raw; iifname != "lo" udp dport 51821 drop; }
}`;

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2"].map((name) => ({ name, packages: true })));
  await mesh.on("server1", `printf '%s' '${router}' | nft -f -`);
});
afterAll(() => mesh?.end());

test("peers dial endpointPort, and the server listens on wgPort", async () => {
  mesh.config.servers.server1!.endpointPort = 40000;
  await mesh.up();
  await mesh.untilAllAnswer();
  const { address } = mesh.lab.server("server1");
  assert.equal(await mesh.on("server2", "wg show vpcc1 endpoints | cut -f 2"), `${address}:40000`);
  assert.equal(await mesh.on("server1", "wg show vpcs listen-port"), "51821");
  const { servers } = (await mesh.stack.outputs()) as { servers: Record<string, { endpoint: string }> };
  assert.equal(servers.server1!.endpoint, `${address}:40000`);
});
