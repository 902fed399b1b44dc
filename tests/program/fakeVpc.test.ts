import assert from "node:assert/strict";
import { test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { DeployKey, FakeVpc, type FakeVpcArgs } from "../../components";
import { CheckedArgs } from "../../components/checkedArgs";
import { privateKeyOf, publicKeyOf } from "../../mesh/keys";
import { hostKey, sshKey } from "../sshKeys";
import { Machine, type MockOptions, type Registered, runProgram, settled, unknown } from "./mocks";

const given = privateKeyOf(Buffer.alloc(32, 7).toString("base64"));

function threeServers(): FakeVpcArgs {
  return {
    servers: {
      server1: { address: "203.0.113.11", hostKey },
      server2: { address: "203.0.113.12", hostKey },
      server3: { address: "203.0.113.13", hostKey },
    },
    services: { echo: { server: "server2", port: 8888 } },
    ssh: { privateKey: sshKey },
  };
}

function run(args: FakeVpcArgs | (() => FakeVpcArgs), options?: MockOptions) {
  return runProgram(() => new FakeVpc("mesh", typeof args === "function" ? args() : args), options);
}

function commands(resources: Map<string, Registered>): Registered[] {
  return [...resources.values()].filter(({ type }) => type === "command:remote:Command");
}

/** A value with whatever is secret in it left out. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("secret" in value) return "(secret)";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function components(resources: Map<string, Registered>): Registered[] {
  return [...resources.values()].filter(({ type }) => type === "fakevpc:index:VpcServer");
}

test("each server has two Commands, of which the second waits for the first, and for no other server", async () => {
  const { resources } = await run(threeServers());
  const all = commands(resources);
  const waits = all.map(({ name, after }) => [name, after.filter((other) => all.some((each) => each.name === other))]);
  const own = (server: string) => [
    [`mesh-${server}-host`, []],
    [`mesh-${server}-mesh`, [`mesh-${server}-host`]],
  ];
  assert.deepEqual(Object.fromEntries(waits), Object.fromEntries(["server1", "server2", "server3"].flatMap(own)));
});

test("an update is what a create is, nothing replaces a Command, and a `mesh` undoes nothing", async () => {
  const { resources } = await run(threeServers());
  for (const { name, inputs } of commands(resources)) {
    assert.equal(inputs.create, inputs.update);
    assert.equal(typeof inputs.delete, name.endsWith("-host") ? "string" : "undefined", name);
    assert.equal(inputs.triggers, undefined);
    assert.equal(inputs.environment, undefined);
    assert.equal(inputs.addPreviousOutputInEnv, false);
  }
});

test("what is secret stays so, and all the rest is plain", async () => {
  const args = threeServers();
  args.servers.server3!.privateKey = given;
  const { result, resources } = await run(args);
  const [generated] = /(?<=^private key=).*/m.exec(resources.get("mesh-server1-mesh")!.inputs.stdin.secret)!;
  const secrets = [sshKey, given, generated];
  for (const { name, inputs } of resources.values()) {
    const text = JSON.stringify(plain(inputs));
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} has a secret in plain`);
  }
  for (const { name, inputs } of commands(resources)) {
    assert.ok("secret" in inputs.connection, name);
    assert.equal(typeof inputs.create, "string", name);
    if (name.endsWith("-mesh")) assert.deepEqual(Object.keys(inputs.stdin), ["secret"]);
    else assert.equal(typeof inputs.stdin, "string", name);
  }
  assert.equal(await pulumi.isSecret(result.servers), false);
});

test("a key that a server has already is kept", async () => {
  const args = threeServers();
  args.servers.server3!.privateKey = given;
  const { result, resources } = await run(args);
  assert.equal((await settled(result.servers)).server3!.publicKey, publicKeyOf(given));
  assert.match(resources.get("mesh-server3-mesh")!.inputs.stdin.secret, new RegExp(`^private key=${given}$`, "m"));
  assert.ok(!resources.has("mesh-server3-private"));
  assert.ok(resources.has("mesh-server2-private"));
});

test("the outputs tell of each server what its peers need", async () => {
  const args = threeServers();
  args.servers.server3 = { ...args.servers.server3!, public: false };
  const { result } = await run(args);
  const { server2, server3 } = await settled(result.servers);
  assert.deepEqual(
    { ...server2, publicKey: "" },
    {
      index: 2,
      publicKey: "",
      endpoint: "203.0.113.12:51822",
      addresses: { server1: "192.168.1.1", server2: "127.0.0.1", server3: "192.168.2.3" },
    },
  );
  assert.equal("endpoint" in server3!, false);
});

/** Whether anything in a value is an output that a preview does not know, or a secret. */
function hasHidden(value: unknown): boolean {
  return JSON.stringify(value).includes(unknown) || JSON.stringify(value).includes('"secret"');
}

test("a server's component has its plan in clear, and no key", async () => {
  const { resources } = await run({
    ...threeServers(),
    openFirewall: true,
    presharedKeyVersion: "2",
    ssh: { user: "ops" },
  });
  assert.deepEqual(resources.get("mesh-server2")!.inputs, {
    interfaces: {
      vpcs: "interface vpcs 192.168.2.1/24 port 51822\npeer server3 192.168.2.3/32\n",
      vpcc1: "interface vpcc1 192.168.1.2/32\npeer server1 192.168.1.1/32 endpoint 203.0.113.11:51821 keepalive 25\n",
    },
    hosts:
      "192.168.1.1 server1.vpcdomain server1\n127.0.0.1 server2.vpcdomain\n192.168.2.3 server3.vpcdomain server3\n",
    services: "echo 8888 socat\n",
    settings: "open-firewall\n",
    keys: "preshared keys: 2\n",
    ssh: `server ops@203.0.113.12 port 22 hostKey ${hostKey}\n`,
  });
});

test("in a first preview components and command lines are known whole", async () => {
  const { resources } = await run(threeServers(), { previewOf: ["mesh-id", "mesh-preshared", "mesh-server1-private"] });
  for (const { name, inputs } of components(resources)) assert.ok(!hasHidden(inputs), name);
  for (const { name, inputs } of commands(resources)) {
    assert.match(inputs.create, / (host|apply) vpc server\d/, name);
    assert.deepEqual(inputs.stdin.secret ?? inputs.stdin, unknown, name);
  }
});

test("no component is given an output: each is registered though a server is yet to be created", async () => {
  const withMachine = () => {
    const args = threeServers();
    const machine = new Machine("machine");
    args.servers.server2!.address = machine.address;
    args.servers.server2!.hostKey = pulumi.secret(hostKey);
    args.ssh = { user: machine.address.apply(() => "ops"), privateKey: sshKey };
    return args;
  };
  const previewed = (await run(withMachine, { previewOf: ["machine"] })).resources;
  for (const { name, inputs } of [...components(previewed), previewed.get("mesh")!])
    assert.ok(!hasHidden(inputs), name);
  assert.equal(previewed.get("mesh-server2")!.inputs.ssh, "server {user}@{address} port 22 hostKey {hostKey}\n");
  assert.match(previewed.get("mesh-server3")!.inputs.interfaces.vpcc2, / endpoint \{server2 endpoint\} keepalive 25$/m);

  const stdin = (resources: Map<string, Registered>, server: string) =>
    resources.get(`mesh-${server}-mesh`)!.inputs.stdin;
  assert.equal(stdin(previewed, "server3").secret ?? stdin(previewed, "server3"), unknown);
  assert.match(stdin(previewed, "server1").secret, /^### end$/m);
  const { resources } = await run(withMachine);
  assert.match(stdin(resources, "server3").secret, /^### values\nserver2 endpoint=203\.0\.113\.99:51822\n###/m);
});

test("all problems of the arguments come at once, before any resource is registered", async () => {
  const args = threeServers();
  args.servers.server1!.wgPort = 70000;
  args.servers.web = { address: "203.0.113.14", hostKey };
  args.services!.echo!.server = "server9";
  const reasons = [
    ["servers.server1.wgPort", "70000 is not a UDP port (1-65535)"],
    ["servers.web.index", "is missing: give one, or a name that ends in a number"],
    ["services.echo.server", '"server9" is not one of the servers (server1, server2, server3, web)'],
  ] as const;
  const { resources } = await runProgram(() => {
    assert.throws(
      () => new FakeVpc("mesh", args),
      (error) => {
        assert.ok(error instanceof pulumi.InputPropertiesError);
        assert.deepEqual(
          error.errors,
          reasons.map(([propertyPath, reason]) => ({ propertyPath, reason })),
        );
        for (const [path, reason] of reasons) assert.ok(error.message.includes(`\n${path}: ${reason}`), error.message);
        return true;
      },
    );
  });
  assert.equal(resources.size, 0);
});

test("a key file that is not there is a problem of the arguments", async () => {
  const args = { ...threeServers(), ssh: { privateKeyFile: "/nowhere/key" } };
  await runProgram(() => {
    assert.throws(
      () => new FakeVpc("mesh", args),
      /ssh\.privateKeyFile: "\/nowhere\/key" cannot be read here \(ENOENT\)/,
    );
  });
});

test("an output is checked once it is known, against the rest too, and before its server is dialled", async () => {
  const args = threeServers();
  args.servers.server1!.wgPort = pulumi.output(70000);
  args.servers.server2!.address = pulumi.output("203.0.113.13");
  await runProgram(async () => {
    const checked = new CheckedArgs(args);
    await assert.rejects(
      settled(checked.withMesh(["servers.server1.wgPort"], (mesh) => mesh)),
      (error) =>
        error instanceof pulumi.RunError && /^servers\.server1\.wgPort: 70000 is not a UDP port/.test(error.message),
    );
    await assert.rejects(settled(checked.sshOf("server1").host), /servers\.server1\.wgPort: 70000/);
    await assert.rejects(
      settled(checked.sshOf("server2").host),
      /servers\.server3\.address: 203\.0\.113\.13:22 is the SSH address of server2 too/,
    );
    assert.equal(await settled(checked.sshOf("server3").host), "203.0.113.13");
  });
});

test("one warning names the servers without a host key", async () => {
  const args = threeServers();
  delete args.servers.server1!.hostKey;
  delete args.servers.server3!.hostKey;
  const { warnings } = await run(args);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /servers without hostKey: server1, server3:/);
  assert.deepEqual((await run(threeServers())).warnings, []);
});

test("an upgrade is asked of `host` alone, and what follows waits for a reboot", async () => {
  const { resources } = await run({ ...threeServers(), updateUpgradeServers: true });
  for (const { name, inputs } of commands(resources)) {
    assert.equal(/ upgrade$/.test(inputs.create), name.endsWith("-host"), name);
  }
  const attempts = (step: string) => resources.get(`mesh-server1-${step}`)!.inputs.connection.secret.dialErrorLimit;
  assert.ok(attempts("mesh") > attempts("host"));
});

test("a deploy key hands out its public half as one line and its private half as a secret", async () => {
  const { result, resources } = await runProgram(() => new DeployKey("deploy"));
  assert.equal(resources.get("deploy")!.inputs.algorithm, "ED25519");
  assert.equal(await settled(result.publicKey), "ssh-ed25519 AAAA");
  assert.equal(await pulumi.isSecret(result.publicKey), false);
  assert.equal(await pulumi.isSecret(result.privateKey), true);
});
