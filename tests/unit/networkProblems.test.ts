import assert from "node:assert/strict";
import { test } from "@jest/globals";
import type { MeshConfig } from "../../mesh/config";
import { ProblemsError } from "../../mesh/problem";
import { checkMesh, warningsOf } from "../../mesh/validate";

type Fields = Record<string, unknown>;

/** Two public servers, and two at home: each place with a LAN of its own. */
function config(mesh: Fields = {}, home: Fields = {}, cabin: Fields = {}, hub: Fields = {}): Fields {
  return {
    servers: {
      hub: { index: 1, address: "203.0.113.11", ...hub },
      hub2: { index: 2, address: "203.0.113.12" },
      home: { index: 201, address: "192.168.0.20", public: false, relay: ["hub", "hub2"], ...home },
      cabin: { index: 202, address: "10.5.7.20", public: false, ...cabin },
    },
    ...mesh,
  };
}

function problemsOf(input: Fields): string[] {
  try {
    checkMesh(input);
    return [];
  } catch (error) {
    assert.ok(error instanceof ProblemsError);
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const good: [string, Fields][] = [
  ["two private servers with relays", config()],
  ["a network", config({ network: "10.77.0.0/16", names: "stable" })],
  ["both families", config({ network: "172.20.0.0/16", network6: "auto" })],
  ["IPv6 alone", config({ network6: "fd12:3456:789a::/48" })],
  ["the LAN that a server is in, behind it", config({}, { routes: ["192.168.50.0/24"] }, { routes: ["10.5.8.0/24"] })],
  [
    "a larger network around a server's address, of which only the first /24 is used",
    config({ network: "10.0.0.0/8" }),
  ],
];

test.each(good)("%s is no problem", (_, input) => assert.deepEqual(problemsOf(input), []));

const bad: [string, Fields][] = [
  ['names: "stable" needs a network, whose addresses the names yield', config({ names: "stable" })],
  [
    "network: 10.5.7.0/24 overlaps 10.5.7.20, the address of cabin: choose another network",
    config({ network: "10.5.7.0/24" }),
  ],
  [
    "network: 192.168.1.0/24 overlaps 192.168.1.0/24, the range of hub: choose another network",
    config({ network: "192.168.1.0/24" }),
  ],
  [
    'network: "8.8.0.0/16" is not a private network with room for 254 servers, as 10.77.0.0/16 (from 10/8, 172.16/12, 192.168/16 or 100.64/10)',
    config({ network: "8.8.0.0/16" }),
  ],
  [
    'network6: "2001:db8::/48" is not a unique local network of 48 bits, as fd12:3456:789a::/48, or "auto"',
    config({ network6: "2001:db8::/48" }),
  ],
  [
    "servers.cabin.routes: 192.168.50.0/25 overlaps the network 192.168.50.0/24 behind home: choose another network",
    config({}, { routes: ["192.168.50.0/24"] }, { routes: ["192.168.50.0/25"] }),
  ],
  [
    "servers.cabin.routes: 203.0.113.0/24 overlaps 203.0.113.11, the address of hub: choose another network",
    config({}, {}, { routes: ["203.0.113.0/24"] }),
  ],
  [
    'servers.cabin.routes: "0.0.0.0/0" is not a network behind the server, as 192.168.50.0/24 (/8 at the largest)',
    config({}, {}, { routes: ["0.0.0.0/0"] }),
  ],
  [
    "servers.home.routes: 10.9.0.0/16 overlaps 10.9.1.0/24 of the same server: give one of the two",
    config({}, { routes: ["10.9.0.0/16", "10.9.1.0/24"] }),
  ],
  ['servers.home.relay: "cabin" is not one of the public servers (hub, hub2)', config({}, { relay: ["cabin"] })],
  ["servers.hub.relay: hub2 cannot help: hub is public, and is dialled", config({}, {}, {}, { relay: ["hub2"] })],
  [
    "servers.home.relay: hub relays at port 53021, where WireGuard listens already",
    config({}, {}, {}, { wgPort: 53021 }),
  ],
  [
    "servers.home.relay: hub relays at port 53021, where the service web listens already",
    config({ services: { web: { server: "hub", port: 53021 } } }),
  ],
  [
    "mtu: 1300 leaves less than 1280 bytes behind a relay, which network6 needs: 1340 or more",
    config({ mtu: 1300, network6: "auto" }),
  ],
];

test.each(bad)("%s", (message, input) => assert.deepEqual(problemsOf(input), [message]));

test("two private servers that nothing brings together are told of both ways to mend it", () => {
  assert.deepEqual(problemsOf(config({}, { relay: undefined })), [
    "servers.cabin.public: false is so for home too, and neither can dial the other: in one LAN, give both the same site; elsewhere, give home a relay, a public server through which they meet",
  ]);
});

test("a service that the kernel forwards is told not to be at the address of network6", () => {
  const warnings = (mesh: Fields) => {
    const input = config({
      ifaceIpOffset: 40,
      services: { web: { server: "hub", port: 80, forward: "nftables" }, mail: { server: "hub", port: 25 } },
      ...mesh,
    });
    return warningsOf(checkMesh(input), input as unknown as MeshConfig).map(
      ({ path, message }) => `${path}: ${message}`,
    );
  };
  assert.deepEqual(warnings({ network: "10.77.0.0/16" }), []);
  assert.deepEqual(warnings({ network6: "auto" }), [
    "services.web.forward: nftables forwards at IPv4 addresses alone: at the address of network6 the service has to listen itself",
  ]);
});
