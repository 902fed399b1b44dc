import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import { ProblemsError } from "../../mesh/problem";
import { checkMesh } from "../../mesh/validate";
import { anyMesh } from "./meshes";

const address = "203.0.113.11";
const other = { address: "203.0.113.12" };

/** What is wrong with a config, a line each. */
function problemsOf(config: unknown, later: string[] = []): string[] {
  try {
    checkMesh(config, new Set(later));
    return [];
  } catch (error) {
    assert.ok(error instanceof ProblemsError, `not a list of problems: ${(error as Error).stack}`);
    assert.equal(error.message.split("\n").length, error.problems.length);
    return error.message.split("\n");
  }
}

const one = (server: object, rest: object = {}) => ({ servers: { server1: { address, ...server } }, ...rest });
const two = (first: object, second: object, rest: object = {}) => ({
  servers: { server1: { address, ...first }, server2: { ...other, ...second } },
  ...rest,
});
const service = (...services: object[]) =>
  two({}, {}, { services: Object.fromEntries(services.map((each, at) => [`s${at}`, each])) });

/** A wrong config and what is said of it. */
const rules: [unknown, string][] = [
  [{}, "servers: is missing"],
  [{ servers: {} }, "servers: {} has no server"],
  [{ servers: "server1" }, 'servers: "server1" is not a map'],
  [{ servers: { server1: null } }, "servers.server1: null is not a map"],
  [one({}, { colour: "red" }), "colour: is not a known setting"],
  [one({ colour: "red" }), "servers.server1.colour: is not a known setting"],
  [
    one({ address: undefined }),
    "servers.server1.address: is missing, the IP address or host name where SSH reaches the server",
  ],
  [
    one({ address: "203.0.113.300", endpoint: "203.0.113.1" }),
    'servers.server1.address: "203.0.113.300" is not the IP address or host name where SSH reaches the server',
  ],
  [one({ address: "localhost" }), 'servers.server1.endpoint: "localhost" is not an address that peers can dial'],
  [
    { servers: { server1: { address: "203.0.113.11", privateKey: `${"A".repeat(43)}=`, keyVersion: 2 } } },
    "servers.server1.keyVersion: 2 stands beside privateKey: give one of the two",
  ],
  [
    one({ endpoint: "host_1.example" }),
    'servers.server1.endpoint: "host_1.example" is not the IP address or host name that peers dial',
  ],
  [one({ endpoint: "127.0.0.1" }), 'servers.server1.endpoint: "127.0.0.1" is not an address that peers can dial'],
  [one({ endpoint: "fe80::1%eth0" }), 'servers.server1.endpoint: "fe80::1%eth0" is not an address that peers can dial'],
  [{ servers: { web: { address } } }, "servers.web.index: is missing: give one, or a name that ends in a number"],
  [two({}, { index: 1 }), "servers.server2.index: 1 is the index of server1 too: each server has its own"],
  [one({ index: 0 }), "servers.server1.index: 0 is not a whole number from 1 to 254"],
  [one({ index: 1.5 }), "servers.server1.index: 1.5 is not a whole number from 1 to 254"],
  [{ servers: { server255: { address } } }, "servers.server255.index: 255 is not a whole number from 1 to 254"],
  [
    one({ index: 200 }, { ifaceIpOffset: 57 }),
    "servers.server1.index: 200 with ifaceIpOffset 57 leads to 192.168.256.0/24: their sum is 256 at most",
  ],
  [one({}, { ifaceIpOffset: 256 }), "ifaceIpOffset: 256 is not a whole number from 0 to 255"],
  [one({ wgPort: 70000 }), "servers.server1.wgPort: 70000 is not a UDP port (1-65535)"],
  [one({ wgPort: "51821" }), 'servers.server1.wgPort: "51821" is not a UDP port (1-65535)'],
  [one({ sshPort: 0 }), "servers.server1.sshPort: 0 is not a TCP port (1-65535)"],
  [one({}, { ssh: { port: -1 } }), "ssh.port: -1 is not a TCP port (1-65535)"],
  [one({}, { ssh: { connectTimeout: 1 } }), "ssh.connectTimeout: 1 is not a number of seconds from 5 to 3600"],
  [one({}, { ssh: "root@server1" }), 'ssh: "root@server1" is not a map'],
  [
    one({}, { ssh: { privateKey: "-----BEGIN X", privateKeyFile: "~/.ssh/key" } }),
    'ssh.privateKeyFile: "~/.ssh/key" stands beside the key itself: give one of the two',
  ],
  [
    { servers: { server_1: { address } } },
    'servers.server_1: "server_1" is not a host name: letters, digits and hyphens, 63 at most, not digits alone',
  ],
  [one({}, { domain: "-vpc" }), 'domain: "-vpc" is not a domain name'],
  [one({}, { prefix: "toolong8" }), 'prefix: "toolong8" is not a small letter and up to 6 small letters or digits'],
  [one({ user: "a b" }), 'servers.server1.user: "a b" is not a user name'],
  [one({ hostKey: "AAAA" }), 'servers.server1.hostKey: "AAAA" is not an SSH host key ("ssh-ed25519 AAAA…")'],
  [one({ public: "no" }), 'servers.server1.public: "no" is not true or false'],
  [one({}, { updateUpgradeServers: "yes" }), 'updateUpgradeServers: "yes" is not true or false'],
  [two({}, { address, wgPort: 51000 }), "servers.server2.address: 203.0.113.11:22 is the SSH address of server1 too"],
  [
    two({ wgPort: 51000 }, { endpoint: address, wgPort: 51000 }),
    "servers.server2.endpoint: 203.0.113.11:51000 is the endpoint of server1 too",
  ],
  [
    two({ endpoint: "2001:db8::1", wgPort: 51000 }, { endpoint: "2001:DB8:0::1", wgPort: 51000 }),
    "servers.server2.endpoint: [2001:DB8:0::1]:51000 is the endpoint of server1 too",
  ],
  [
    one({ address: "192.168.5.20" }, { ifaceIpOffset: 5 }),
    `servers.server1.address: "192.168.5.20" lies in the mesh's own range of server1: change ifaceIpOffset`,
  ],
  [
    two({}, { endpoint: "192.168.1.20" }),
    `servers.server2.endpoint: "192.168.1.20" lies in the mesh's own range of server1: change ifaceIpOffset`,
  ],
  [
    two({ public: false }, {}),
    "servers.server1.index: 1 is below 2 of server2: a private server, which nobody can dial, has a higher index than every public one",
  ],
  [
    {
      servers: {
        server1: { address },
        a2: { ...other, public: false },
        a3: { address: "203.0.113.13", public: false },
      },
    },
    "servers.a3.public: false is so for a2 too, and neither can dial the other: in one LAN, give both the same site",
  ],
  [
    service({ server: "server9", port: 80 }),
    'services.s0.server: "server9" is not one of the servers (server1, server2)',
  ],
  [service({ server: "server1", port: 0 }), "services.s0.port: 0 is not a TCP port (1-65535)"],
  [service({ server: "server1" }), "services.s0.port: is missing, a TCP port (1-65535)"],
  [service({ server: "server1", port: 80, forward: "ssh" }), 'services.s0.forward: "ssh" is not "socat" or "nftables"'],
  [
    service({ server: "server1", port: 80 }, { server: "server1", port: 80, forward: "nftables" }),
    "services.s1.port: 80 of server1 is the service s0 already",
  ],
  [
    one({}, { services: { "a b": { server: "server1", port: 80 } } }),
    'services.a b: "a b" is not a service name: small letters, digits and hyphens, 32 at most',
  ],
];

for (const [config, message] of rules) {
  test(message, () => assert.deepEqual(problemsOf(config), [message]));
}

test("a host key may come with the end of its line", () => {
  assert.ok(checkMesh(one({ hostKey: "ssh-ed25519 AAAA\n" })));
});

test("all problems are told at once, those of values and those between values", () => {
  const config = {
    servers: {
      server1: { address, wgPort: 70000, colour: "red" },
      web: { address: "203.0.113.12", index: 1 },
      server3: { address: "192.168.1.7", public: false },
      server4: { address: "203.0.113.14" },
    },
    services: { echo: { server: "server9", port: 8888 } },
    ssh: { port: 0 },
  };
  assert.deepEqual(
    problemsOf(config)
      .map((line) => line.split(": ")[0])
      .sort(),
    [
      "servers.server1.colour",
      "servers.server1.wgPort",
      "servers.server3.address",
      "servers.server3.index",
      "servers.web.index",
      "services.echo.server",
      "ssh.port",
    ],
  );
});

test("a secret is never shown", () => {
  const secret = "hunter2-hunter2";
  const lines = problemsOf(one({ privateKey: secret }, { ssh: { privateKey: secret } }));
  assert.deepEqual(lines, [
    "servers.server1.privateKey: (secret) is not a WireGuard private key (44 characters of base64, as `wg genkey` prints it)",
    "ssh.privateKey: (secret) is not a private key as ssh-keygen writes it",
  ]);
  assert.ok(
    !problemsOf(one({ privateKey: { inner: secret } }))
      .join()
      .includes(secret),
  );
});

test("what is not known yet is not missing, and is left out of every comparison", () => {
  const later = ["servers.server1.address", "servers.server2.wgPort"];
  assert.deepEqual(problemsOf(two({ address: undefined }, {}), later), []);
  const mesh = checkMesh(two({ address: undefined }, {}), new Set(later));
  assert.deepEqual(
    mesh.servers.map(({ endpoint, wgPort }) => [endpoint, wgPort]),
    [
      [undefined, 51821],
      ["203.0.113.12", undefined],
    ],
  );
});

test("defaults are those of the config reference", () => {
  const mesh = checkMesh({
    servers: { server10: { address: "203.0.113.20" }, web: { address, index: 2 } },
    services: { echo: { server: "web", port: 8888 } },
    ssh: { port: 2222 },
  });
  assert.deepEqual(mesh, {
    servers: [
      {
        name: "web",
        index: 2,
        public: true,
        address,
        endpoint: address,
        wgPort: 51822,
        sshPort: 2222,
        site: undefined,
        inLan: false,
        lanAddress: address,
      },
      {
        name: "server10",
        index: 10,
        public: true,
        address: "203.0.113.20",
        endpoint: "203.0.113.20",
        wgPort: 51830,
        sshPort: 2222,
        site: undefined,
        inLan: false,
        lanAddress: "203.0.113.20",
      },
    ],
    services: [{ name: "echo", server: "web", port: 8888, forward: "socat" }],
    domain: "vpcdomain",
    prefix: "vpc",
    offset: 1,
    mtu: undefined,
    keepalive: 25,
    openFirewall: false,
  });
});

test("every mesh that keeps the rules passes", () => {
  fc.assert(fc.property(anyMesh(), (config) => assert.deepEqual(problemsOf(config), [])));
});

test("whatever the input is, the answer is a mesh or a list of problems", () => {
  const keys = fc.constantFrom("server1", "web", "address", "index", "wgPort", "servers", "services", "ssh", "port");
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, undefined, true, 0, 1, -1, 1e9, "", "a", "server1", "203.0.113.1", "__proto__", []),
      fc.dictionary(keys, tie("value")),
    ),
  })).value;
  const config = fc.record({ servers: value, services: value, ssh: value, domain: value }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(value, config), (input) => {
      problemsOf(input);
    }),
    { numRuns: 1000 },
  );
});
