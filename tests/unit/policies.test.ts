import assert from "node:assert/strict";
import { test } from "@jest/globals";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { packageFile } from "../../components/packageFile";

const rules = packageFile("policies/rules.js");
const { hostKeysPinned, noSecretInCommands, diallersKeepAlive } = require(rules);

const hostKey = "ssh-ed25519 AAAA";
const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const wireguardKey = `${"A".repeat(43)}=`;
const remoteCommand = "command:remote:Command";

/** What a policy says of a Command with these properties. */
function violations(policy: ResourceValidationPolicy, props: object, type = remoteCommand): string[] {
  const found: string[] = [];
  const validate = policy.validateResource as (args: object, report: (message: string) => void) => void;
  validate({ type, props, name: "mesh-server1-key" }, (message) => found.push(message));
  return found;
}

test("a Command is told its server's host key, and its proxy's", () => {
  const connection = { host: "203.0.113.1", hostKey, proxy: { host: "203.0.113.9", hostKey } };
  assert.deepEqual(violations(hostKeysPinned, { connection }), []);
  const unpinned = { host: "203.0.113.1", proxy: { host: "203.0.113.9" } };
  const [server, proxy, ...rest] = violations(hostKeysPinned, { connection: unpinned });
  assert.match(server!, /nothing tells 203\.0\.113\.1 /);
  assert.match(proxy!, /nothing tells 203\.0\.113\.9 /);
  assert.deepEqual(rest, []);
  assert.deepEqual(violations(hostKeysPinned, {}, "aws:ec2/instance:Instance"), []);
});

test("no command line holds a key or a password, its connection's or another", () => {
  const connection = { host: "203.0.113.1", password: "let-me-in", privateKey };
  const lines = (fields: object) => violations(noSecretInCommands, { connection, stdin: wireguardKey, ...fields });
  assert.deepEqual(lines({ create: "sh host.sh key apply 0123456789abcdef", update: "sh host.sh", delete: "rm" }), []);
  for (const field of ["create", "update", "delete"]) {
    for (const secret of ["let-me-in", privateKey, wireguardKey, `PrivateKey=${wireguardKey}`, privateKey.trim()]) {
      assert.deepEqual(lines({ [field]: `echo '${secret}'` }).length, 1, `${field} ${secret}`);
    }
  }
});

test("each interface that dials keeps its path open", () => {
  const stdin = (keepalive: string) =>
    [
      "### vpcs.conf\n[Interface]\nListenPort = 51823\n\n[Peer]\n",
      `### vpcc1.conf\n[Interface]\n\n[Peer]\nEndpoint = 203.0.113.1:51821\n${keepalive}`,
      "### vpcc2.conf\n[Interface]\n\n[Peer]\nEndpoint = 203.0.113.2:51822\nPersistentKeepalive = 25\n",
      "### names\n",
    ].join("");
  assert.deepEqual(violations(diallersKeepAlive, { stdin: stdin("PersistentKeepalive = 25\n") }), []);
  assert.deepEqual(violations(diallersKeepAlive, {}), []);
  for (const keepalive of ["", "PersistentKeepalive = 0\n"]) {
    const [only, ...rest] = violations(diallersKeepAlive, { stdin: stdin(keepalive) });
    assert.match(only!, /the interface vpcc1 has/);
    assert.deepEqual(rest, []);
  }
});
