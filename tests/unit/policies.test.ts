import assert from "node:assert/strict";
import { test } from "@jest/globals";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { packageFile } from "../../components/packageFile";
import { meshOf } from "../../mesh/mesh";
import { planOf } from "../../mesh/plan";
import { renderTexts } from "../../mesh/render";

const rules = packageFile("policies/rules.js");
const { hostKeysPinned, noSecretInCommands, diallersKeepAlive, relaysStayInside } = require(rules);

const hostKey = "ssh-ed25519 AAAA";
const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const wireguardKey = `${"A".repeat(43)}=`;
const remoteCommand = "command:remote:Command";
const vpcServer = "fakevpc:index:VpcServer";

/** What a policy says of a resource with these properties. */
function violations(policy: ResourceValidationPolicy, props: object, type: string): string[] {
  const found: string[] = [];
  const validate = policy.validateResource as (args: object, report: (message: string) => void) => void;
  validate({ type, props, name: "mesh-server1-key" }, (message) => found.push(message));
  return found;
}

test("a server's host key is known, and its proxy's", () => {
  const pinned = `server root@203.0.113.1 port 22 hostKey ${hostKey}\nproxy ops@203.0.113.9 port 22 hostKey {hostKey}\n`;
  assert.deepEqual(violations(hostKeysPinned, { ssh: pinned }, vpcServer), []);
  const ssh = "server root@203.0.113.1 port 22\nproxy ops@203.0.113.9 port 22\n";
  const [server, proxy, ...rest] = violations(hostKeysPinned, { ssh }, vpcServer);
  assert.match(server!, /nothing tells 203\.0\.113\.1 .* the server's hostKey/);
  assert.match(proxy!, /nothing tells 203\.0\.113\.9 .* the proxy's hostKey/);
  assert.deepEqual(rest, []);
  assert.deepEqual(violations(hostKeysPinned, { ssh }, "aws:ec2/instance:Instance"), []);
});

test("no command line holds a key", () => {
  const lines = (fields: object) => violations(noSecretInCommands, { stdin: wireguardKey, ...fields }, remoteCommand);
  assert.deepEqual(lines({ create: "sh host.sh apply 0123456789abcdef", update: "sh host.sh", delete: "rm" }), []);
  for (const field of ["create", "update", "delete"]) {
    for (const secret of [privateKey, wireguardKey, `PrivateKey=${wireguardKey}`, privateKey.trim()]) {
      assert.deepEqual(lines({ [field]: `echo '${secret}'` }).length, 1, `${field} ${secret}`);
    }
  }
});

test("each interface that dials keeps its path open", () => {
  const interfaces = (keepalive: string) => ({
    vpcs: "interface vpcs 192.168.3.1/24 port 51823\npeer server4 192.168.3.4/32\n",
    vpcc1: `interface vpcc1 192.168.1.3/32\npeer server1 192.168.1.1/32 endpoint {server1 endpoint}${keepalive}\n`,
    vpcc2: "interface vpcc2 192.168.2.3/32\npeer server2 192.168.2.1/32 endpoint 203.0.113.2:51822 keepalive 25\n",
  });
  assert.deepEqual(violations(diallersKeepAlive, { interfaces: interfaces(" keepalive 25") }, vpcServer), []);
  assert.deepEqual(violations(diallersKeepAlive, {}, vpcServer), []);
  for (const keepalive of ["", " keepalive 0"]) {
    const [only, ...rest] = violations(diallersKeepAlive, { interfaces: interfaces(keepalive) }, vpcServer);
    assert.match(only!, /the interface vpcc1 has/);
    assert.deepEqual(rest, []);
  }
});

test("a relay is on a mesh address, for that network alone", () => {
  const relayed = (line: string) => {
    const interfaces = { vpcs: "interface vpcs 192.168.1.1/24 port 51821\npeer home 192.168.1.201/32\n" };
    return violations(relaysStayInside, { interfaces, relays: `${line}\n` }, vpcServer);
  };
  const mesh = meshOf({
    servers: {
      hub: { address: "203.0.113.1", index: 1 },
      home: { address: "10.9.0.2", index: 201, public: false, relay: ["hub"] },
      cabin: { address: "10.8.0.2", index: 202, public: false },
    },
  });
  const { relays, interfaces } = renderTexts(planOf(mesh, "hub"));
  assert.match(relays, /^home 53021 192\.168\.1\.1 /);
  assert.deepEqual(violations(relaysStayInside, { relays, interfaces }, vpcServer), []);
  const target = "192.168.1.201:52021";
  assert.match(relayed(`home 53021 203.0.113.1 192.168.1.0/24 ${target}`).join(), /on no mesh address/);
  assert.match(relayed(`home 53021 192.168.1.1 0.0.0.0/0 ${target}`).join(), /is open to 0\.0\.0\.0\/0/);
});
