import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { startUp } from "./cutShort";
import { TestMesh } from "./support";

// A port that accepts and says nothing holds up the provider without end; the program beside it says so.
let mesh: TestMesh;

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2", "server3"].map((name) => ({ name, packages: true })));
  Object.assign(mesh.config.ssh as object, { connectTimeout: 5 });
});
afterAll(() => mesh?.end());

test("a server that takes connections and says nothing is named, no other waits for it, and what is said ends the up", async () => {
  const silence = "socat TCP-LISTEN:22,fork,reuseaddr SYSTEM:'sleep 1000'";
  await mesh.on("server2", `systemctl stop ssh.socket ssh.service; systemd-run --quiet --unit=silence ${silence}`);
  let output = "";
  const { ended, end } = startUp(mesh, {
    onOutput: (text) => {
      output += text;
    },
  });
  try {
    const place = `${mesh.lab.server("server2").address}:22`;
    await waitUntil(
      async () => output.includes(`SSH at ${place} takes connections and says nothing`),
      120,
      "the words",
    );
    assert.match(output, /server2: the step has not ended after 35 s: .*press Ctrl-C twice/);
    assert.doesNotMatch(output, /server[13]: the step has not ended/);
    assert.deepEqual(await mesh.silentPairs(["server1", "server3"]), []);
    end("SIGINT");
    await waitUntil(async () => output.includes("press ^C again"), 60, "the first Ctrl-C");
    end("SIGINT");
    await ended;
  } finally {
    end();
  }
  await mesh.on("server2", "systemctl stop silence; systemctl start ssh.service");
  await mesh.stack.cancel().catch(() => {});
  await mesh.up();
  await mesh.untilAllAnswer();
});
