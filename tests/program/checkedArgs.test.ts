import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { FakeVpc, type FakeVpcArgs } from "../../components";
import { CheckedArgs } from "../../components/checkedArgs";
import { MeshKeys } from "../../components/meshKeys";
import { mayBeOutput } from "../../components/outputFields";
import { packageFile } from "../../components/packageFile";
import { hostKey, sshKey } from "../sshKeys";
import { address, args, problemsOf, server1 } from "./arguments";
import { Machine, runProgram, settled } from "./mocks";

test("an output or a secret where a value must be plain is a problem, wherever that is", async () => {
  const output = pulumi.output("vpc.example");
  const secret = pulumi.secret("vpc.example");
  const leaf = "(output or secret) must be plain: give the value itself";
  for (const [given, path] of [
    [args({ domain: output }), "domain"],
    [args({ prefix: secret }), "prefix"],
    [args({ presharedKeyVersion: Promise.resolve("2") }), "presharedKeyVersion"],
    [args({ ifaceIpOffset: pulumi.output(3) }), "ifaceIpOffset"],
    [args({ servers: { server1: { ...server1, index: pulumi.output(1) } } }), "servers.server1.index"],
    [args({ servers: { server1: { ...server1, site: output } } }), "servers.server1.site"],
    [args({ ssh: { privateKeyFile: output } }), "ssh.privateKeyFile"],
    [args({ services: { echo: { server: output, port: 80 } } }), "services.echo.server"],
    [args({ services: { echo: { server: "server1", port: pulumi.secret(80) } } }), "services.echo.port"],
  ] as const) {
    assert.deepEqual(await problemsOf(given), [`${path}: ${leaf}`]);
  }
  assert.deepEqual(await problemsOf(args({ domian: output })), ["domian: is not a known setting"]);
});

test("a map that is an output or a secret is told to be plain, in one sentence", async () => {
  const plain = "(output or secret) must be plain:";
  const single = "make single values outputs or secrets instead";
  assert.deepEqual(await problemsOf(args({ servers: pulumi.secret({ server1 }) })), [
    `servers: ${plain} its names are needed in a preview; ${single}`,
  ]);
  assert.deepEqual(await problemsOf(args({ servers: { server1, server2: pulumi.output(server1) } })), [
    `servers.server2: ${plain} ${single}`,
  ]);
  assert.deepEqual(await problemsOf(args({ ssh: pulumi.secret({ privateKey: sshKey }) })), [`ssh: ${plain} ${single}`]);
  assert.deepEqual(await problemsOf(pulumi.output(args())), [`arguments: ${plain} ${single}`]);
});

test("all that may be an output is so in the schema, and nothing else is", () => {
  const schema = JSON.parse(readFileSync(packageFile("plugin/schema.json"), "utf8"));
  const places: Record<string, string[]> = {
    Server: ["servers.server1"],
    Ssh: ["ssh"],
    Proxy: ["servers.server1.proxy", "ssh.proxy"],
    Service: ["services.echo"],
  };
  for (const [type, paths] of Object.entries(places)) {
    const { properties } = schema.types[`fakevpc:index:${type}`];
    for (const [name, { plain }] of Object.entries(properties) as [string, { plain?: boolean }][]) {
      for (const place of paths) assert.equal(mayBeOutput(`${place}.${name}`), !plain, `${place}.${name}`);
    }
  }
});

test("an argument that is null was not given, nested ones too; an entry that is null is a mistake", async () => {
  const nothing = {
    endpoint: null,
    wgPort: null,
    sshPort: null,
    hostKey: null,
    proxy: null,
    site: null,
    reapply: null,
  };
  const given = args({ servers: { server1: { address, ...nothing } }, domain: null, mtu: null, services: null });
  given.ssh = { ...given.ssh, user: null, port: null, proxy: null, privateKeyFile: null };
  const { result, resources } = await runProgram(() => new FakeVpc("mesh", given));
  assert.equal((await settled(result.servers)).server1!.endpoint, "203.0.113.11:51821");
  const { connection } = [...resources.values()].find(({ type }) => type === "command:remote:Command")!.inputs;
  const { port, user, hostKey: key } = connection.secret ?? connection;
  assert.deepEqual([port, user, key], [22, "root", undefined]);
  assert.deepEqual(await problemsOf(args({ servers: { server1: null } })), ["servers.server1: null is not a map"]);
  assert.deepEqual(await problemsOf(args({ services: { echo: null } })), ["services.echo: null is not a map"]);
});

test("an output that comes to null was not given either", async () => {
  await runProgram(async () => {
    const given = args({
      servers: { server1: { ...server1, endpoint: pulumi.output(null), wgPort: pulumi.output(null) } },
    });
    const checked = new CheckedArgs(given);
    const later = ["servers.server1.endpoint", "servers.server1.wgPort"];
    const { endpoint, wgPort } = (await settled(checked.withMesh(later, (mesh) => mesh))).servers[0]!;
    assert.deepEqual([endpoint, wgPort], [address, 51821]);
  });
});

test("two servers with one WireGuard key are refused once both keys are known", async () => {
  const secret = () => pulumi.secret(Buffer.alloc(32, 7).toString("base64"));
  const servers = {
    server1: { ...server1, privateKey: secret() },
    server2: { address: "203.0.113.12", hostKey, privateKey: secret() },
  };
  await runProgram(async () => {
    const checked = new CheckedArgs(args({ servers }));
    const keys = new MeshKeys("mesh", checked, new Machine("parent"));
    await assert.rejects(
      settled(keys.of("server1")),
      /^Error: servers\.server1\.privateKey: \(secret\) is the key of server2 too/,
    );
  });
});

test("whatever the arguments are, what is said of them is a list of problems", async () => {
  const keys = [
    "servers",
    "server1",
    "web",
    "address",
    "index",
    "wgPort",
    "services",
    "ssh",
    "proxy",
    "port",
    "domain",
  ];
  const circle: Record<string, unknown> = { address };
  circle.proxy = circle;
  const oddities = () => [
    pulumi.output("a"),
    pulumi.secret({ server1 }),
    Promise.resolve(1),
    new Map([["server1", server1]]),
    new Date(0),
    Symbol("a"),
    10n,
    () => 1,
    circle,
    Object.create(null),
    JSON.parse('{ "__proto__": { "address": "a" } }'),
    [pulumi.output(1)],
  ];
  await runProgram(() => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(
          null,
          undefined,
          true,
          0,
          1,
          -1,
          1.5,
          Number.NaN,
          "",
          "a\nb",
          address,
          [],
          ...oddities(),
        ),
        fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie("value")),
      ),
    })).value;
    const config = fc.record({ servers: fc.dictionary(fc.constantFrom(...keys), value), ssh: value, mtu: value });
    fc.assert(
      fc.property(fc.oneof(value, config), (given) => {
        try {
          new CheckedArgs(given as FakeVpcArgs);
        } catch (error) {
          assert.ok(error instanceof pulumi.InputPropertiesError, `not a list of problems: ${(error as Error).stack}`);
          assert.equal(error.message.split("\n").length, error.errors!.length + 1, error.message);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
