import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";

// A login that runs something else than it is told, and says that all went well: a forced command, a login shell of its own.
let mesh: TestMesh;
let names: string[];

beforeAll(async () => {
  names = ["server1", "server2", "server3"];
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
});
afterAll(() => mesh?.end());

const words =
  /server2: the login ran something else than the step "host" \(it printed "no shell here"\): mend the login/;

async function redUp(): Promise<string> {
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError: true });
  assert.notEqual(code, 0, stdout);
  const output = stdout + stderr;
  assert.match(output, words);
  assert.doesNotMatch(output, /^ +at .*\.[jt]s:\d+/m);
  return output;
}

test("the up is red, in one sentence, and sends no keys there; the others have their mesh", async () => {
  const keys = "/root/.ssh/authorized_keys";
  await mesh.on("server2", `sed -i.own 's/^/command="cat > \\/root\\/given; echo no shell here" /' ${keys}`);
  await redUp();
  assert.equal(await mesh.on("server2", "grep -cE '^private key=.{44}$' /root/given", { allowFailure: true }), "0");
  assert.deepEqual(await mesh.silentPairs(["server1", "server3"]), []);
  await mesh.on("server2", `mv ${keys}.own ${keys}`);
});

test("with the login mended the stack remembers until `reapply` changes, and then all is well", async () => {
  await redUp();
  mesh.config.servers.server2!.reapply = "the login is mended";
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
  await mesh.preview({ args: ["--expect-no-changes"] });
});

test("a login that greets is none the worse for it", async () => {
  await mesh.on("server2", "sed -i '1i echo Welcome to this server' /root/.bashrc; head -n 1 /root/.bashrc");
  mesh.config.servers.server2!.reapply = "greeted";
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});
