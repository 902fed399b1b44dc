import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import type { MeshConfig } from "../../mesh/config";
import { checkMesh, warningsOf } from "../../mesh/validate";
import { hostKey } from "../sshKeys";
import { address, one, other, problemsOf, two } from "./configs";
import { anyMesh } from "./meshes";

const wgKey = `${"k".repeat(42)}w=`;

test("a host key may come with the end of its line", () => {
  assert.ok(checkMesh(one({ hostKey: `${hostKey}\n` })));
});

test("what is given twice and used once is no problem", () => {
  const retired = two({ privateKey: wgKey }, { privateKey: wgKey, retired: true });
  assert.deepEqual(problemsOf(retired), []);
  const spelled = { servers: { web: { address, index: 1 }, Web: { ...other, index: 2, retired: true } } };
  assert.deepEqual(problemsOf(spelled), []);
});

/** What a config without problems is warned of, a line each. */
function warnings(config: unknown): string[] {
  return warningsOf(checkMesh(config), config as MeshConfig).map(({ path, message }) => `${path}: ${message}`);
}

test("a name of the mesh's own that no peer dials is worth a warning", () => {
  const word = "is a name that the mesh itself gives: on its servers it leads into the mesh";
  const named = { address: "server1.vpcdomain" };
  assert.deepEqual(warnings(two({ ...named, endpoint: address }, {})), [
    `servers.server1.address: "server1.vpcdomain" ${word}`,
  ]);
  assert.deepEqual(warnings(one(named)), [`servers.server1.address: "server1.vpcdomain" ${word}`]);
  assert.deepEqual(warnings(two({}, { address: "home.vpcdomain", public: false }, { ifaceIpOffset: 100 })), []);
  assert.deepEqual(warnings(two({}, { address: "server2.vpcdomain", public: false }, { ifaceIpOffset: 100 })), [
    `servers.server2.address: "server2.vpcdomain" ${word}`,
  ]);
});

test("a setting that nothing makes use of is worth a warning", () => {
  const found = warnings(
    two(
      { lanAddress: "10.0.0.1", sshPrivateKeyPassphrase: "a" },
      { public: false, endpoint: "198.51.100.1" },
      { ifaceIpOffset: 100 },
    ),
  );
  assert.deepEqual(found, [
    "servers.server1.lanAddress: nobody dials it there without a site: give one",
    "servers.server2.endpoint: nobody dials a private server there: leave it out, or leave out `public: false`",
    "servers.server1.sshPrivateKeyPassphrase: decrypts nothing: give sshPrivateKeyFile or sshPrivateKey beside it",
  ]);
  assert.deepEqual(
    warnings(two({ lanAddress: "10.0.0.1", site: "home" }, { public: false }, { ifaceIpOffset: 100 })),
    [],
  );
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
        endpointPort: 51822,
        wgPort: 51822,
        sshPort: 2222,
        site: undefined,
        inLan: false,
        relays: [],
        routes: [],
        masquerade: true,
        lanAddress: address,
      },
      {
        name: "server10",
        index: 10,
        public: true,
        address: "203.0.113.20",
        endpoint: "203.0.113.20",
        endpointPort: 51830,
        wgPort: 51830,
        sshPort: 2222,
        site: undefined,
        inLan: false,
        lanAddress: "203.0.113.20",
        relays: [],
        routes: [],
        masquerade: true,
      },
    ],
    services: [{ name: "echo", server: "web", port: 8888, forward: "socat" }],
    domain: "vpcdomain",
    prefix: "vpc",
    names: "seed",
    network: undefined,
    network6: undefined,
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

test("a private server at the mesh's first ranges is worth a warning: most home routers are at 192.168.1.1", () => {
  const word =
    "ifaceIpOffset: 1 gives the mesh 192.168.1.0/24, where most home routers are: for server2, which is private, another one may be wise, as 100";
  assert.deepEqual(warnings(two({}, { public: false })), [word]);
  assert.deepEqual(warnings(two({}, { public: false }, { ifaceIpOffset: 100 })), []);
  assert.deepEqual(warnings(two({}, {})), []);
});
