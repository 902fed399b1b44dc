import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { TestMesh } from "./support";

// cloud-init with "manage_etc_hosts: true" writes /etc/hosts anew at every boot.
let mesh: TestMesh;
/** What a server knows of itself by that file, before there is a mesh. */
let itself: string;
const ofItself = "hostname -f; getent hosts 127.0.0.1; getent hosts ::1";

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2"].map((name) => ({ name, packages: true })));
  const install = "apt-get -q update && apt-get -q -y install --no-install-recommends cloud-init";
  await mesh.on("server1", `DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; ${install}`);
  const files = {
    "/etc/cloud/cloud.cfg.d/99_lab.cfg": "datasource_list: [NoCloud]\nnetwork: {config: disabled}\n",
    "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: lab\nlocal-hostname: server1\n",
    "/var/lib/cloud/seed/nocloud/user-data":
      "#cloud-config\nmanage_etc_hosts: true\nssh_deletekeys: false\ndisable_root: false\n",
  };
  await mesh.on("server1", "mkdir -p /var/lib/cloud/seed/nocloud");
  for (const [file, text] of Object.entries(files)) {
    await mesh.lab.server("server1").exec(["sh", "-c", `cat > ${file}`], { input: text });
  }
  // An older line, which the file has at each boot, too.
  await mesh.on("server1", "echo 203.0.113.9 server2 >> /etc/cloud/templates/hosts.debian.tmpl");
  await mesh.lab.server("server1").reboot();
  await cloudInitIsDone();
  itself = await mesh.on("server1", ofItself);
  assert.match(await mesh.on("server1", "getent hosts server2"), /^203\.0\.113\.9 /);
  const { stdout } = await mesh.up();
  assert.match(
    stdout,
    /line \d+ of \/etc\/hosts gives server2 the address 203\.0\.113\.9, to which programs may turn instead/,
  );
});
afterAll(() => mesh?.end());

async function cloudInitIsDone(): Promise<void> {
  await mesh.on("server1", "cloud-init status --wait", { allowFailure: true });
  assert.match(await mesh.on("server1", "head -n 1 /etc/hosts"), /manage_etc_hosts/);
}

const block = "sed -n '/fakevpc vpc: begin/,/fakevpc vpc: end/p' /etc/hosts";

test("our block is there after an up and after each reboot, though cloud-init writes the file anew", async () => {
  const written = await mesh.on("server1", block);
  assert.match(written, /server2\.vpcdomain/);
  for (const boot of ["first", "second"]) {
    await mesh.on("server1", "echo 10.9.9.9 somebody >> /etc/hosts");
    await mesh.lab.server("server1").reboot();
    await cloudInitIsDone();
    const restored = async () => (await mesh.on("server1", block)) === written;
    await waitUntil(restored, 240, `our block after the ${boot} reboot`);
    assert.equal(await mesh.on("server1", "grep somebody /etc/hosts", { allowFailure: true }), "");
    assert.ok(await mesh.pings("server1", "server2.vpcdomain"));
    await staysPrivate(boot);
  }
});

test("an older line with a peer's name does not win, and the server knows itself by the names that it had", async () => {
  await staysPrivate("the up");
});

async function staysPrivate(when: string): Promise<void> {
  // What a program connects to: the first of the addresses that the look-up yields.
  assert.match(await mesh.on("server1", "getent ahosts server2"), /^192\.168\.1\.2 /, when);
  assert.equal(await mesh.on("server1", ofItself), itself, when);
}

test("a file that is missing is written for all to read, and one that no program looks into is a warning", async () => {
  afterThis(() => mesh.on("server2", "mv /etc/nsswitch.old /etc/nsswitch.conf"));
  await mesh.on(
    "server2",
    "rm /etc/hosts; sed -i.old '/^hosts:/s/files//' /etc/nsswitch.conf; mv /etc/nsswitch.conf.old /etc/nsswitch.old",
  );
  mesh.config.servers.server2!.reapply = "1";
  const { stdout } = await mesh.up();
  assert.match(
    stdout,
    /server2 mesh: warning: programs here do not find server1\.vpcdomain, which \/etc\/hosts has: .*nsswitch/,
  );
  assert.equal(await mesh.on("server2", "stat -c %a /etc/hosts"), "644");
  assert.match(await mesh.on("server2", "cat /etc/hosts"), /server1\.vpcdomain/);
});

test("cloud-init alone leaves no block", async () => {
  await mesh.on("server1", "systemctl disable --quiet fakevpc-vpc-hosts.service");
  await mesh.lab.server("server1").reboot();
  await cloudInitIsDone();
  assert.equal(await mesh.on("server1", block), "");
});
