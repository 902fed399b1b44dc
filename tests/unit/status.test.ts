import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "@jest/globals";
import { clockFindings } from "../../cli/findings/clocks";
import { judge, type MeshReport } from "../../cli/findings/examine";
import { span } from "../../cli/findings/finding";
import { peersOf } from "../../cli/findings/peers";
import { renderReport } from "../../cli/report";
import { parseAnswer, pingOf } from "../../cli/server/answer";
import type { Probe } from "../../cli/server/probe";
import { meshesOf } from "../../cli/stack/state";
import { loginOf } from "../../mesh/login";
import { meshOf } from "../../mesh/mesh";

const secret = (fields: object) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ...fields,
});

const config = {
  servers: { server1: { address: "10.0.0.1", user: "ops" }, server2: { address: "10.0.0.2" } },
  services: { echo: { server: "server2", port: 8888 } },
};
const mesh = meshOf(config);

/** Of the plan that each server was given. */
const digest = "0123456789abcdef".repeat(4);

/** A state as an imported component leaves it in somebody else's project. */
function exported(privateKey: unknown) {
  const vpc = "urn:pulumi:prod::shop::pkg:index:Shop$fakevpc:index:FakeVpc::net";
  const names = mesh.servers.map(({ name }) => name);
  const servers = names.flatMap((name) => {
    const command = (step: string, inputs: object, stdout: string) => ({
      urn: `urn:pulumi:prod::shop::command:remote:Command::net-${name}-${step}`,
      type: "command:remote:Command",
      parent: `${vpc}-${name}`,
      inputs,
      outputs: { stdout },
    });
    const connection = secret({ plaintext: JSON.stringify({ host: "10.0.0.1", privateKey }) });
    return [
      { urn: `${vpc}-${name}`, type: "fakevpc:index:VpcServer", parent: vpc },
      command("host", { stdin: "#!/bin/sh\n", connection }, ""),
      command(
        "mesh",
        { stdin: secret({ plaintext: '"private key=…"' }), connection },
        `hello\nfakevpc mesh sha256:${digest}\n${name} mesh: wrote the keys`,
      ),
    ];
  });
  const inputs = { ...config, ssh: { user: "root", port: 2222 } };
  const outputs = { servers: Object.fromEntries(names.map((name) => [name, { publicKey: `key-of-${name}` }])) };
  return { deployment: { resources: [{ urn: vpc, type: "fakevpc:index:FakeVpc", inputs, outputs }, ...servers] } };
}

const stored = meshesOf(exported(secret({ plaintext: '"-----BEGIN"' })))[0]!;

test("a mesh is found by its type in any program's state, with what SSH needs", () => {
  assert.equal(stored.name, "net");
  assert.equal(stored.servers.server1!.login.privateKey, "-----BEGIN");
  const { login, publicKey } = stored.servers.server1!;
  const { host, port, user } = login;
  assert.deepEqual(
    { host, port, user, publicKey },
    { host: "10.0.0.1", port: 2222, user: "ops", publicKey: "key-of-server1" },
  );
  assert.equal(stored.servers.server1!.hostProgram, "#!/bin/sh\n");
  assert.equal(stored.servers.server1!.planDigest, digest);
  assert.equal(meshesOf(exported(secret({ ciphertext: "v1:…" })))[0]!.servers.server1!.login.privateKey, undefined);
  assert.deepEqual(meshesOf({ deployment: null }), []);
});

test("what a server does not say of its SSH is as for all, and a key has its own passphrase", () => {
  const ssh = { user: "admin", port: 2222, privateKey: "shared", privateKeyPassphrase: "words" };
  const { proxy, ...login } = loginOf({ address: "10.0.0.1", sshPrivateKey: "own", proxy: { address: "gate" } }, ssh);
  assert.deepEqual(login, {
    ...{ host: "10.0.0.1", port: 2222, user: "admin", hostKey: undefined },
    ...{ privateKey: "own", passphrase: undefined },
  });
  assert.deepEqual(proxy, {
    ...{ host: "gate", port: 22, user: "admin", hostKey: undefined },
    ...{ privateKey: "shared", passphrase: "words" },
  });
  assert.equal(loginOf({ address: "10.0.0.1" }).user, "root");
});

test("ping's last words are counted, whichever they are", () => {
  const lines =
    "5 packets transmitted, 4 received, 20% packet loss, time 204ms\nrtt min/avg/max/mdev = 0.3/0.456/0.7/0.1 ms";
  assert.deepEqual(pingOf(lines), { sent: 5, received: 4, roundTrip: 0.456 });
  const errors = "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 100ms";
  assert.deepEqual(pingOf(errors), { sent: 3, received: 0 });
  assert.deepEqual(pingOf("ping: connect: Network is unreachable"), { sent: 0, received: 0 });
});

test("an answer that broke off is none", () => {
  assert.equal(parseAnswer("### time\n 1700000000.5\n### listening\n 127.0.0.1:22\n"), undefined);
  assert.equal(parseAnswer("### time\n 1700000000.5\n### end\n \n")!.time, 1_700_000_000.5);
});

/** Of the host program in the state. */
const program = `program sha256:${createHash("sha256").update("#!/bin/sh\n").digest("hex")}`;

/** What a server says when all is well there, but for these sections. */
function answer(name: string, changes: Record<string, string[]> = {}): Probe {
  const peer = peersOf(stored.mesh, name)[0]!;
  const sections: Record<string, string[]> = {
    time: ["1700000000"],
    inspection: [program, `plan sha256:${digest}`],
    [`interface ${peer.interface}`]: [`key-of-${peer.name} 42`],
    [`ping ${peer.address}`]: ["5 packets transmitted, 5 received", "rtt min/avg/max/mdev = 1/2/3/1 ms"],
    [`full ${peer.address}`]: ["3 packets transmitted, 3 received"],
    ...changes,
    end: [""],
  };
  const text = Object.entries(sections).map(([section, lines]) => [
    `### ${section}`,
    ...lines.map((line) => ` ${line}`),
  ]);
  return { answer: parseAnswer(text.flat().join("\n"))!, clockOffset: 0 };
}

function judged(one: Probe, other: Probe) {
  return judge(
    stored,
    new Map([
      ["server1", one],
      ["server2", other],
    ]),
  );
}

function messages(...probes: [Probe, Probe]): string[] {
  return judged(...probes).findings.map(({ kind, servers, message }) => `${kind} ${servers.join()}: ${message}`);
}

const well = { server1: answer("server1"), server2: answer("server2") };

test("where all is as it should be nothing is found", () => {
  assert.deepEqual(messages(well.server1, well.server2), []);
});

test("a clock that is off is told by the others, and this machine's own accuses nobody", () => {
  const told = (offsets: Record<string, number>) =>
    clockFindings(new Map(Object.entries(offsets))).map(({ servers, message }) => `${servers}: ${message}`);
  assert.deepEqual(told({ server1: 0.1, server2: -0.2, server3: 95 }), [
    "server3: its clock is 95 s ahead of the others",
  ]);
  assert.deepEqual(told({ server1: -7200, server2: 0, server3: 1 }), ["server1: its clock is 2 h behind the others"]);
  assert.deepEqual(told({ server1: 3600, server2: 3600.5, server3: 3599 }), [], "this machine's is wrong");
  assert.deepEqual(told({ server1: 0, server2: 50 }), ["server2: its clock is 50 s ahead of the others"]);
  assert.deepEqual(messages(well.server1, { ...well.server2, clockOffset: -300 }), [
    "clock server2: its clock is 5 min behind the others",
  ]);
});

test("no answer and no session is no handshake; with a session the link is down", () => {
  const silent = (name: string, peer: string, interfaceName: string, address: string, handshake: string) =>
    answer(name, {
      [`interface ${interfaceName}`]: [`key-of-${peer} ${handshake}`],
      [`ping ${address}`]: ["5 packets transmitted, 0 received"],
      [`full ${address}`]: [],
    });
  const one = silent("server1", "server2", "vpcs", "192.168.1.2", "never");
  const other = (age: string) => silent("server2", "server1", "vpcc1", "192.168.1.1", age);
  const sides = "server1 gets no answer (never a handshake), server2 gets no answer (last handshake";
  assert.deepEqual(messages(one, other("400")), [`link server1,server2: no handshake: ${sides} 7 min ago)`]);
  assert.deepEqual(messages(one, other("20")), [`link server1,server2: link down: ${sides} 20 s ago)`]);
});

test("packets that are lost, or lost only when they are large, are told apart", () => {
  const lossy = answer("server1", { "ping 192.168.1.2": ["5 packets transmitted, 4 received", "rtt = 1/2/3/1 ms"] });
  assert.deepEqual(messages(lossy, well.server2), [
    "loss server1,server2: packets are lost: server1 gets 4 of 5 answers (last handshake 42 s ago), server2 gets every answer (last handshake 42 s ago)",
  ]);
  const small = answer("server1", { "full 192.168.1.2": ["3 packets transmitted, 0 received"] });
  assert.deepEqual(messages(small, well.server2), [
    "mtu server1,server2: packets of full size are lost from server1, small ones are not",
  ]);
});

test("what a server says of itself is told with what to do", () => {
  const said = (...lines: string[]) => {
    const { findings } = judged(
      answer("server1", { inspection: [program, `plan sha256:${digest}`, ...lines] }),
      well.server2,
    );
    return findings.map(({ kind, message, remedy }) => `${kind}: ${message} → ${remedy}`);
  };
  const reapply = 'change "reapply" of server1, then run "pulumi up"';
  assert.deepEqual(said("change: restarting vpcs: its address is gone"), [
    `drift: it is not as its plan says (an up would say "restarting vpcs: its address is gone") → ${reapply}`,
  ]);
  assert.deepEqual(said("refuse: a range overlaps (192.168.1.0/24): choose another ifaceIpOffset"), [
    "plan: a range overlaps (192.168.1.0/24) → choose another ifaceIpOffset",
  ]);
  assert.deepEqual(said("warn: nobody listens on 127.0.0.1:8888, for the service echo → start what serves echo"), [
    "warning: nobody listens on 127.0.0.1:8888, for the service echo → start what serves echo",
  ]);
  assert.deepEqual(said(), []);
});

test("a server that has another program or plan than the stack, or none, is told", () => {
  const brief = (...lines: string[]) => messages(answer("server1", { inspection: lines }), well.server2);
  assert.deepEqual(brief("program sha256:1", `plan sha256:${digest}`), [
    "plan server1: its host program is not the stack's",
  ]);
  assert.deepEqual(brief(program, "plan sha256:1"), ["plan server1: it has another plan than the stack"]);
  assert.deepEqual(brief(), ["missing server1: it has no host program that says how it is"]);
});

test("a link whose interface is at fault names that, and no firewall", () => {
  const inspection = [program, `plan sha256:${digest}`, "change: restarting vpcs: its address is gone"];
  const silent = { "ping 192.168.1.2": ["5 packets transmitted, 0 received"], "full 192.168.1.2": [], inspection };
  const { findings } = judged(answer("server1", silent), well.server2);
  const link = findings.find(({ kind }) => kind === "link")!;
  assert.equal(link.remedy, "mend server1 first: restarting vpcs: its address is gone");
});

test("a server that SSH does not reach is told with what its peers see of it", () => {
  const timeout = { error: "ssh: connect to host 10.0.0.1 port 2222: Connection timed out" };
  const { findings, directions } = judged(timeout, well.server2);
  assert.equal(directions.length, 1);
  const { message, remedy } = findings[0]!;
  const said = "connect to host 10.0.0.1 port 2222: Connection timed out";
  assert.equal(message, `unreachable by SSH (${said}); server2 can reach it over the mesh`);
  assert.match(remedy, /TCP port 2222/);
  assert.match(
    judged({ error: "ops@10.0.0.1: Permission denied" }, well.server2).findings[0]!.remedy,
    /key in for ops/,
  );
});

test("the matrix is cut into blocks that fit the screen", () => {
  const report = judged(well.server1, { error: "Connection refused" });
  const wide = renderReport(report, { width: 80, colours: false });
  assert.match(wide, /^ +server1 +server2$/m);
  assert.match(wide, /^server1 +· +2\.00 ms {2}0 % {2}42 s$/m);
  assert.match(wide, /^server2 +\? +·$/m);
  assert.match(wide, /^✗ server2: unreachable by SSH .* → /m);
  const narrow = renderReport(report, { width: 20, colours: true });
  assert.doesNotMatch(narrow, /^ +server1 +server2$/m);
  assert.ok(narrow.includes("\u001b[32m2.00 ms"));
});

/** The same two servers, with one address for each on top, as both see it. */
function withAddresses(at2: string[], inspection: string[] = []): MeshReport {
  const state = exported("key");
  const [vpc] = state.deployment.resources;
  const network = { network: "10.77.0.0/16", network6: "auto" };
  const outputsOf = (name: string) => ({ publicKey: `key-of-${name}`, address6: `fd00:1:2::${name.slice(-1)}` });
  const outputs = { servers: { server1: outputsOf("server1"), server2: outputsOf("server2") } };
  Object.assign(vpc!, { inputs: { ...config, ...network }, outputs });
  const lines = [program, `plan sha256:${digest}`];
  const probes = new Map([
    [
      "server1",
      answer("server1", {
        "ping 10.77.0.2": at2,
        "ping fd00:1:2::2": ["3 packets transmitted, 3 received", "rtt = 1/3/3/1 ms"],
      }),
    ],
    ["server2", answer("server2", { inspection: [...lines, ...inspection] })],
  ]);
  return judge(meshesOf(state)[0]!, probes);
}

test("the addresses that are the same from everywhere are asked, of a network that the mesh's id made too", () => {
  const state = exported("key");
  Object.assign(state.deployment.resources[0]!, { inputs: { ...config, network: "10.77.0.0/16", network6: "auto" } });
  assert.deepEqual(peersOf(meshesOf(state)[0]!.mesh, "server1")[0]!.stable, ["10.77.0.2"], "before a first up");
  const report = withAddresses(["3 packets transmitted, 3 received", "rtt = 1/4/3/1 ms"]);
  assert.deepEqual(
    report.directions[0]!.stable.map(({ address }) => address),
    ["10.77.0.2", "fd00:1:2::2"],
  );
  assert.deepEqual(report.findings, []);
  const text = renderReport(report, { width: 120, colours: false });
  assert.match(text, /round trips \(at the pair's address \| at the server's own\)/);
  assert.match(text, /2\.00 ms \| 4\.00 ms \| 3\.00 ms {2}0 % {2}42 s/);
});

test("such an address that does not answer is told, with what the server says of it", () => {
  const silent = ["3 packets transmitted, 0 received"];
  const [found] = withAddresses(silent).findings;
  assert.equal(found!.message, "server1 gets no answer from server2 at 10.77.0.2, but does at the address of the pair");
  assert.match(found!.remedy, /"ip route get 10\.77\.0\.2" on server1/);
  const missing = "put the address 10.77.0.2 on lo";
  assert.equal(withAddresses(silent, [`change: ${missing}`]).findings[0]!.remedy, `mend server2 first: ${missing}`);
});

test("spans are told by their largest unit", () => {
  assert.deepEqual([5, 119, 130, 7300, 200_000].map(span), ["5 s", "119 s", "2 min", "2 h", "2 d"]);
});
