import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { run } from "../../lab/process";
import { afterThis } from "../after";
import { TestMesh, ufwLimit } from "./support";

// SSH as people have it: a bastion, an agent, a key with a passphrase, a user of one's own on one server.
const passphrase = "a phrase that no log may show";
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-access-"));
const ownKey = path.join(directory, "own");
let mesh: TestMesh;
let agent: { socket: string; pid: number };

beforeAll(async () => {
  mesh = await TestMesh.start(["server1", "server2", "server3"].map((name) => ({ name, packages: true })));
  const socket = path.join(directory, "agent");
  const { stdout } = await run(["ssh-agent", "-a", socket]);
  agent = { socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)![1]) };
  await run(["ssh-add", "-q", mesh.lab.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", ownKey]);
});
afterAll(async () => {
  await mesh?.end();
  if (agent) process.kill(agent.pid);
  rmSync(directory, { recursive: true, force: true });
});

const env = () => ({ SSH_AUTH_SOCK: agent.socket });

test("each server by its own way in: an agent, a bastion, a key with a passphrase", async () => {
  const { server1, server2, server3 } = mesh.config.servers;
  // Only the bastion may log in to server2, and only the key with the passphrase is good for server3.
  const operator = "198.51.100.1";
  await mesh.on(
    "server2",
    `nft 'table ip t { chain c { type filter hook input priority 0; ip saddr ${operator} drop; }; }'`,
  );
  const { stdout: publicKey } = await run(["cat", `${ownKey}.pub`]);
  await mesh.lab.server("server3").exec(["sh", "-c", "cat > /home/ops/.ssh/authorized_keys"], { input: publicKey });

  mesh.config.ssh = { connectTimeout: 20 };
  server2!.proxy = { address: server1!.address, hostKey: server1!.hostKey };
  Object.assign(server3!, { user: "ops", sshPrivateKeyFile: ownKey, sshPrivateKeyPassphrase: passphrase });
  const { stdout, stderr } = await mesh.up({ env: env() });
  await mesh.untilAllAnswer();
  assert.ok(!`${stdout}${stderr}${JSON.stringify(await mesh.stack.exportState())}`.includes(passphrase));
});

/** An up that fails; all that it said. */
async function failedUp(continueOnError = true): Promise<string> {
  const { code, stdout, stderr } = await mesh.up({ allowFailure: true, continueOnError, env: env() });
  assert.notEqual(code, 0, stdout);
  return stdout + stderr;
}

test("a dead server behind a bastion is dialled once, as only the bastion limits how long that takes", async () => {
  await mesh.on("server1", "sysctl --quiet --write net.ipv4.tcp_syn_retries=1"); // 3 s then, instead of 127
  const dead = `type filter hook input priority 0; ip saddr ${mesh.lab.server("server1").address} tcp dport 22 drop;`;
  const revive = () => mesh.on("server2", "nft delete table ip dead", { allowFailure: true });
  afterThis(revive);
  await mesh.on("server2", `nft 'table ip dead { chain c { ${dead} }; }'`);
  mesh.config.domain = "second.internal";
  const said = await failedUp();
  await revive();
  assert.match(said, /proxy: after 0 failed attempts: ssh: rejected: connect failed \(Connection timed out\)/);
  assert.deepEqual(await mesh.silentPairs(["server1", "server3"]), []);
});

test("a handshake behind a bastion that is cut is told at once, and the next up is green", async () => {
  const cut = "systemd-run --quiet --unit=cut socat TCP-LISTEN:22,fork,reuseaddr SYSTEM:true";
  const back = () => mesh.on("server2", "systemctl stop cut 2> /dev/null; systemctl start ssh.service");
  afterThis(back);
  await mesh.on("server2", `systemctl stop ssh.socket ssh.service; ${cut}`);
  const said = await failedUp();
  await back();
  assert.match(said, /after 0 failed attempts: ssh: handshake failed: (EOF|read: connection reset)/);
  await mesh.up({ env: env() });
  await mesh.untilAllAnswer();
});

test("behind a bastion that limits connections an up keeps to the limit, and one that was told not to says why it is red", async () => {
  const { address, hostKey } = mesh.lab.server("server1");
  const forget = "echo / > /proc/net/xt_recent/limit"; // instead of a wait
  await mesh.on("server1", ufwLimit(60)); // for a busy machine, on which six connections may take long
  mesh.config.ssh = { connectTimeout: 20, proxy: { address, hostKey }, connectionLimit: 1000 };
  for (const continueOnError of [true, false]) {
    mesh.config.reapply = `limited ${continueOnError}`;
    const words = new RegExp(`${address}: 6 connections began .*\`ufw insert 1 allow from ADDRESS to any port 22`);
    assert.match(await failedUp(continueOnError), words);
    await mesh.on("server1", forget);
  }
  await mesh.on("server1", `iptables --flush INPUT; ${ufwLimit(30)}`);
  mesh.config.ssh = { connectTimeout: 20, proxy: { address, hostKey } };
  mesh.config.reapply = "paced";
  const { stdout } = await mesh.up({ env: env() });
  assert.match(stdout, new RegExp(`${address}: some firewalls refuse .* connects there 4 times in that time`));
  assert.deepEqual(await mesh.silentPairs(), []);
  await mesh.on("server1", "iptables --flush INPUT");
  mesh.config.ssh = { connectTimeout: 20 };
});

test("private servers of one site dial each other by their LAN addresses", async () => {
  for (const name of ["server2", "server3"]) Object.assign(mesh.config.servers[name]!, { public: false, site: "home" });
  const lanAddress = mesh.lab.server("server2").address6!;
  mesh.config.servers.server2!.lanAddress = lanAddress;
  await mesh.up({ env: env() });
  assert.match(await mesh.on("server3", "wg show vpcc2 endpoints"), new RegExp(`\\[${lanAddress}\\]:51822$`));
  await mesh.untilAllAnswer();
});
