import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import { ConfigFile } from "../../cli/setup/configFile";
import { withIndex } from "../../cli/setup/entry";
import { fingerprintOf } from "../../cli/setup/hostKey";
import { placeOf } from "../../cli/setup/place";
import { projectHere, readsConfig } from "../../cli/stack/project";
import { packageFile } from "../../components/packageFile";
import { afterThis } from "../after";

const edited = `encryptionsalt: v1:abc
# who may read this
config:
  fakevpc:ssh:
    user: root # or another
    privateKey:
      secure: v1:xyz

  fakevpc:servers:
    # the first
    server1: { address: 203.0.113.11 } # in Helsinki
    # nobody can dial it
    home:
      address: 192.168.0.20
      index: 200
      public: false # behind NAT
  fakevpc:services:
    echo: { server: server1, port: 8888 }
  other:thing: "1"
`;

function fileOf(text: string, name = "fakevpc"): ConfigFile {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-config-"));
  afterThis(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, "Pulumi.prod.yaml");
  writeFileSync(file, text);
  return new ConfigFile({ name, directory, configDirectory: directory }, file);
}

test("a server is added and removed again, and nothing else of the file changes", () => {
  const file = fileOf(edited);
  file.addServer("web", { address: "203.0.113.12", index: 7 });
  file.check();
  file.write();
  const lines = edited.split("\n");
  const added = readFileSync(file.file, "utf8").split("\n");
  const extra = added.filter((line) => !lines.includes(line)).map((line) => line.trim());
  assert.deepEqual(extra, ["web:", "address: 203.0.113.12", "index: 7"]);
  file.removeServer("web");
  assert.equal(file.text, edited);
  assert.deepEqual(Array.from(readdirSync(path.dirname(file.file))), ["Pulumi.prod.yaml"]);
});

test("beside entries of one line an entry takes one line", () => {
  const file = fileOf("config:\n  fakevpc:servers:\n    server1: { address: 203.0.113.11 }\n");
  file.addServer("server2", { address: "203.0.113.12" });
  assert.match(file.text, /^ {4}server2: \{ address: 203\.0\.113\.12 \}$/m);
});

test("a file of nothing but its salt gets a config", () => {
  const file = fileOf("encryptionsalt: v1:abc\n");
  file.set("ssh", { user: "root" }, "How SSH gets in.");
  file.addServer("server1", { address: "203.0.113.11" });
  assert.match(
    file.text,
    /^encryptionsalt: v1:abc\nconfig:\n {2}# How SSH gets in\.\n {2}fakevpc:ssh:\n {4}user: root\n/,
  );
  assert.deepEqual(file.read().config.servers, { server1: { address: "203.0.113.11" } });
});

test("what is encrypted stays so, and the rest is held against the rules of the mesh", () => {
  const file = fileOf(edited);
  assert.deepEqual([...file.read().encrypted], ["ssh.privateKey"]);
  file.check();
  file.addServer("server2", { address: "203.0.113.11" });
  assert.throws(() => file.check(), /servers\.server2\.address: 203\.0\.113\.11:22 is the SSH address of server1 too/);
});

test("the services of a server go with it", () => {
  const file = fileOf(edited);
  assert.deepEqual(file.removeServicesOf("server1"), ["echo"]);
  assert.equal(file.read().config.services, undefined);
  assert.match(file.text, /other:thing/);
});

test("the next free index leaves room for public servers below the private ones", () => {
  const file = fileOf(edited);
  assert.equal(withIndex(file, "web", { address: "203.0.113.12" }).index, 2);
  assert.equal(withIndex(file, "server9", { address: "203.0.113.12" }).index, undefined, "its name says one");
  const first = fileOf("config:\n  fakevpc:servers:\n    server1: { address: 203.0.113.11 }\n");
  assert.equal(withIndex(first, "home", { address: "192.168.0.20", public: false }).index, 200);
  const crowded = fileOf(
    "config:\n  fakevpc:servers:\n    server2: { address: 203.0.113.11 }\n    server3: { address: 10.9.0.2, public: false }\n",
  );
  assert.equal(withIndex(crowded, "web", { address: "203.0.113.12" }).index, 1, "no public one above a private one");
});

test("a place is read as people write it", () => {
  assert.deepEqual(placeOf("203.0.113.11"), { user: undefined, address: "203.0.113.11", port: undefined });
  assert.deepEqual(placeOf("ops@web.example.com:2222"), { user: "ops", address: "web.example.com", port: 2222 });
  assert.deepEqual(placeOf("2001:db8::1"), { user: undefined, address: "2001:db8::1" });
  assert.deepEqual(placeOf("ops@[2001:db8::1]:22"), { user: "ops", address: "2001:db8::1", port: 22 });
  assert.throws(() => placeOf("web:ssh"), /"web:ssh" is not \[USER@\]ADDRESS/);
});

test("a fingerprint is that of ssh-keygen", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"; // GitHub's, which it publishes
  assert.equal(fingerprintOf(key), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
});

test("this project's program reads the config, another may not", () => {
  const own = projectHere(packageFile("docs"));
  assert.deepEqual([own.name, own.configDirectory, readsConfig(own)], ["fakevpc", packageFile("stacks"), true]);
  assert.equal(readsConfig(projectHere(packageFile("examples", "vms"))), false);
  assert.throws(() => projectHere("/"), /no Pulumi\.yaml here or above/);
});
