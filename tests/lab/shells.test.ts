import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";

// A Command's line is read by the login shell, which need not be of the Bourne kind.
let mesh: TestMesh;

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2"].map((name) => ({ name, packages: true })));
  await mesh.onAll("apt-get -qq update && apt-get -qq install -y tcsh > /dev/null 2>&1 && usermod -s /bin/tcsh root");
  await mesh.on("server2", "usermod -s /bin/tcsh ops");
  mesh.config.servers.server2!.user = "ops";
});
afterAll(() => mesh?.end());

test("root and a user with sudo may have tcsh as their login shell", async () => {
  assert.match(await mesh.on("server2", "getent passwd root ops"), /^root:.*:\/bin\/tcsh\nops:.*:\/bin\/tcsh$/);
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
  mesh.config.domain = "example.org";
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
});

test("what an error says is whole, and a delete takes all away", async () => {
  await mesh.on("server2", "sed -i '/^# fakevpc vpc: end/d' /etc/hosts");
  mesh.config.domain = "example.com";
  const { stdout, stderr } = await mesh.up({ allowFailure: true });
  assert.match(stdout + stderr, /fakevpc: server2 mesh: \/etc\/hosts has only half of the lines/);
  await mesh.on("server2", "echo '# fakevpc vpc: end' >> /etc/hosts");
  await mesh.destroy();
  assert.deepEqual(await mesh.onAll("ls -d /var/lib/fakevpc 2> /dev/null || true"), { server1: "", server2: "" });
});
