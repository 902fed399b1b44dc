import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import { afterThis } from "../after";

// The host's awk programs, on texts as a server's programs print them. No root, no WireGuard.

const privateKey = "kPRIVATEkPRIVATEkPRIVATEkPRIVATEkPRIVATEkk8=";
const keys = {
  server1: "ONEoneONEoneONEoneONEoneONEoneONEoneONEonex=",
  server3: "THREEthreeTHREEthreeTHREEthreeTHREEthreeTH=",
};
const shared = "sharedSHAREDsharedSHAREDsharedSHAREDsharedS=";

const confs = {
  vpcs: conf(
    ["Address = 192.168.2.1/24", "ListenPort = 51820"],
    ["# server3", `PublicKey = ${keys.server3}`],
    "192.168.2.3/32",
  ),
  vpcc1: conf(
    ["Address = 192.168.1.2/32"],
    ["# server1", `PublicKey = ${keys.server1}`],
    "192.168.1.1/32",
    "Endpoint = 203.0.113.1:51820",
    "PersistentKeepalive = 25",
  ),
};

function conf(head: string[], peer: string[], allowed: string, ...more: string[]): string {
  const own = ["# fakevpc vpc: …", "[Interface]", ...head, `PrivateKey = ${privateKey}`, "PostUp = sh … %i || true"];
  return [...own, "", "[Peer]", ...peer, `PresharedKey = ${shared}`, `AllowedIPs = ${allowed}`, ...more, ""].join("\n");
}

/** A server that is as its confs say. */
const well = {
  states: ["active", "active"],
  links: [
    "4: vpcs: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN",
    "5: vpcc1: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN",
  ],
  addresses: [
    "4: vpcs    inet 192.168.2.1/24 scope global vpcs\\       valid_lft forever",
    "5: vpcc1    inet 192.168.1.2/32 scope global vpcc1\\       valid_lft forever",
  ],
  routes: [
    "default via 203.0.113.254 dev eth0",
    "192.168.1.1 dev vpcc1 scope link",
    "192.168.2.0/24 dev vpcs proto kernel",
  ],
  running: [
    `vpcs\t${privateKey}\tpublic\t51820\toff`,
    `vpcs\t${keys.server3}\t${shared}\t203.0.113.3:40000\t192.168.2.3/32\t1700000000\t92\t180\toff`,
    `vpcc1\t${privateKey}\tpublic\t40001\toff`,
    `vpcc1\t${keys.server1}\t${shared}\t203.0.113.1:51820\t192.168.1.1/32\t0\t0\t148\t25`,
  ],
  changed: [] as string[],
};

async function awk(names: string[], values: Record<string, string>, input: string): Promise<string> {
  const program = names.map((name) => readFileSync(packageFile("host", "awk", `${name}.awk`), "utf8")).join("\n");
  const options = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  return (await run(["awk", ...options, program], { input, timeout: 10_000 })).stdout;
}

function stageOf(files: Record<string, string>): string {
  const stage = mkdtempSync(path.join(tmpdir(), "fakevpc-stage-"));
  afterThis(() => rmSync(stage, { recursive: true }));
  mkdirSync(path.join(stage, "confs"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(stage, "confs", `${name}.conf`), text);
  return stage;
}

/** What the survey says of a server, and what it leaves for "wg addconf". */
async function survey(changes: Partial<typeof well>, files: Record<string, string> = confs) {
  const stage = stageOf(files);
  const sections = Object.entries({ ...well, ...changes }).map(([name, lines]) => `### ${name}\n${lines.join("\n")}\n`);
  const values = { names: "vpcs vpcc1", ours: "vpcs vpcc1", stage };
  const verdicts = (await awk(["ranges", "conf", "survey"], values, sections.join(""))).trim();
  const addition = (name: string) => readFileSync(path.join(stage, `${name}.addition`), "utf8");
  return { verdicts: verdicts === "" ? [] : verdicts.split("\n"), addition };
}

const without = (lines: string[], text: string) => lines.filter((line) => !line.includes(text));
const with_ = (lines: string[], from: string, to: string) => lines.map((line) => line.replace(from, to));

test("a server that is as its confs say has nothing to do", async () => {
  assert.deepEqual((await survey({})).verdicts, []);
  const roamed = with_(well.running, "203.0.113.1:51820", "203.0.113.9:9");
  assert.deepEqual((await survey({ running: roamed })).verdicts, [], "an endpoint may roam");
});

test("each thing that is wrong has its verdict, with the reason", async () => {
  const cases: [Partial<typeof well>, string][] = [
    [{ links: without(well.links, "vpcs") }, "start vpcs it is not there"],
    [{ states: ["active", "failed"] }, "again vpcc1 its unit is failed"],
    [{ addresses: without(well.addresses, "vpcc1") }, "move vpcc1 its address is gone"],
    [
      { addresses: with_(well.addresses, "192.168.2.1/24", "192.168.9.1/24") },
      "move vpcs its address is 192.168.9.1/24",
    ],
    [
      { links: with_(well.links, "4: vpcs: <POINTOPOINT,NOARP,UP,LOWER_UP>", "4: vpcs: <POINTOPOINT,NOARP>") },
      "move vpcs it is down",
    ],
    [{ routes: without(well.routes, "vpcc1") }, "move vpcc1 its route to 192.168.1.1/32 is gone"],
    [{ running: without(well.running, keys.server3) }, "update vpcs the peer server3"],
    [{ running: with_(well.running, "\t51820\toff", "\t4500\toff") }, "update vpcs its port"],
    [{ running: with_(well.running, "192.168.1.1/32", "192.168.1.7/32") }, "update vpcc1 the peer server1"],
    [
      { running: with_(well.running, `vpcs\t${privateKey}`, "vpcs\tanother"), changed: ["vpcs"] },
      "update vpcs its private key",
    ],
  ];
  for (const [changes, verdict] of cases) assert.deepEqual((await survey(changes)).verdicts, [verdict]);
});

test("a peer that is in no conf is cut off, also where its whole interface goes", async () => {
  const stranger = `vpcs\tSTRANGER=\t(none)\t(none)\t192.168.2.9/32\t0\t0\t0\toff`;
  assert.deepEqual((await survey({ running: [...well.running, stranger] })).verdicts, ["cut vpcs STRANGER="]);
});

test("a new conf moves the endpoint, and what is told of a peer is all of it", async () => {
  const moved = { ...confs, vpcc1: confs.vpcc1.replace("203.0.113.1:51820", "203.0.113.77:51820") };
  assert.deepEqual((await survey({}, moved)).verdicts, []);
  const { verdicts, addition } = await survey({ changed: ["vpcc1"] }, moved);
  assert.deepEqual(verdicts, ["update vpcc1 the peer server1"]);
  assert.deepEqual(addition("vpcc1").trim().split("\n"), [
    "[Peer]",
    `PublicKey = ${keys.server1}`,
    `PresharedKey = ${shared}`,
    "AllowedIPs = 192.168.1.1/32",
    "Endpoint = 203.0.113.77:51820",
    "PersistentKeepalive = 25",
  ]);
});

test("networks of the server over a range of the mesh are named, and the mesh's own are not", async () => {
  const stage = stageOf({});
  const ranges = path.join(stage, "ranges");
  writeFileSync(ranges, "192.168.1.0/24\n192.168.2.0/24\n");
  const overlaps = (text: string) => awk(["ranges", "overlaps"], { ours: " vpcs vpcc1 ", ranges }, text);
  assert.equal(await overlaps("vpcs 192.168.2.1/24\neth0 10.0.0.1/8\n"), "");
  assert.equal((await overlaps("docker0 192.168.0.1/20\n")).split("\n")[1], "192.168.2.0/24 192.168.0.1/20 on docker0");
});

const block =
  "127.0.0.1 server1.vpcdomain server1\n192.168.2.1 server2.vpcdomain server2\n192.168.3.1 server3.vpcdomain server3\n";
const ours = ["# fakevpc vpc: begin", ...block.trim().split("\n"), "# fakevpc vpc: end"];
const local = ["127.0.0.1 localhost", "::1 localhost"];
const other = ["# fakevpc vpn: begin", "192.168.9.1 server2", "# fakevpc vpn: end"];

async function hosts(lines: string[]) {
  const stage = stageOf({});
  const file = (name: string) => path.join(stage, name);
  writeFileSync(file("block"), block);
  writeFileSync(file("rivals"), "");
  const [begin, end] = [ours[0]!, ours.at(-1)!];
  const values = { begin, end, hostname: "server1", block: file("block"), rivals: file("rivals") };
  const text = await awk(["hosts"], values, lines.map((line) => `${line}\n`).join(""));
  const rivals = readFileSync(file("rivals"), "utf8").trim();
  return { lines: text.trim().split("\n"), rivals: rivals === "" ? [] : rivals.split("\n") };
}

test("the block of names stands before the first older line that would win, and every other address of a peer's name is named", async () => {
  const cases: [what: string, lines: string[], after: string[], rivals: string[]][] = [
    ["nothing there", [], ours, []],
    ["nobody has its names", [...local, "10.0.0.1 a"], [...local, "10.0.0.1 a", ...ours], []],
    ["it stays where it is", [...local, ...ours, "1.1.1.1 b"], [...local, ...ours, "1.1.1.1 b"], []],
    [
      "it moves up, before the first",
      [...local, "9.9.9.9 x Server2", "1.1.1.1 b", "9.9.9.9 server3 # old", ...ours],
      [...local, ...ours, "9.9.9.9 x Server2", "1.1.1.1 b", "9.9.9.9 server3 # old"],
      ["8 Server2 9.9.9.9 second", "10 server3 9.9.9.9 second"],
    ],
    [
      "never before a loopback address",
      ["9.9.9.9 server2 server3", ...local],
      ["9.9.9.9 server2 server3", ...local, ...ours],
      ["1 server2,server3 9.9.9.9 first"],
    ],
    [
      "nor before the server's own name",
      [...local, "9.9.9.9 server2", "203.0.113.1 server1.example server1"],
      [...local, "9.9.9.9 server2", "203.0.113.1 server1.example server1", ...ours],
      ["3 server2 9.9.9.9 first"],
    ],
    [
      "a peer's name at a loopback address",
      ["127.0.1.1 server2"],
      ["127.0.1.1 server2", ...ours],
      ["1 server2 127.0.1.1 first"],
    ],
    [
      "nor into or before another mesh's",
      [...local, ...other],
      [...local, ...other, ...ours],
      ["4 server2 192.168.9.1 first"],
    ],
    [
      "an IPv6 address stands beside ours, wherever it is",
      [...local, ...ours, "2001:db8::9 server3"],
      [...local, ...ours, "2001:db8::9 server3"],
      ["8 server3 2001:db8::9 second"],
    ],
  ];
  for (const [what, lines, after, rivals] of cases) {
    const first = await hosts(lines);
    assert.deepEqual(first, { lines: after, rivals }, what);
    assert.deepEqual((await hosts(first.lines)).lines, after, `${what}, a second time`);
  }
});

test("a name's addresses are endpoints once each, in the system's order, and none of the mesh's own", async () => {
  const stage = stageOf({});
  const file = (name: string) => path.join(stage, name);
  writeFileSync(file("ranges"), "192.168.1.0/24\n10.77.0.0/24\n");
  writeFileSync(file("network"), "address fd12:3456:789a::2\nrange 10.77.0.0/24\nrange fd12:3456:789a::/64\n");
  const values = { port: "51821", ranges: file("ranges"), network: file("network"), inside: file("inside") };
  const answers = ["2001:db8::1", "203.0.113.1", "192.168.1.1", "10.77.0.9", "127.0.1.1", "::1", "fd12:3456:789a::1"];
  const text = answers.flatMap((each) => ["STREAM name", "DGRAM", "RAW"].map((kind) => `${each} ${kind}\n`)).join("");
  assert.equal(await awk(["ranges", "answers"], values, text), "[2001:db8::1]:51821\n203.0.113.1:51821\n");
  assert.deepEqual(readFileSync(file("inside"), "utf8").trim().split("\n"), answers.slice(2));
});

test("of each listener of ours it is told whether it listens, another does, or nobody", async () => {
  const wanted = path.join(stageOf({}), "wanted");
  writeFileSync(wanted, "echo 80 10.77.0.2\necho 80 fd12::2\n");
  const verdicts = async (...sockets: [socket: string, pid: number][]) => {
    const lines = sockets.map(([socket, pid]) => `LISTEN 0 128 ${socket} [::]:* users:(("web",pid=${pid},fd=3))\n`);
    const said = await awk(["sockets", "listeners"], { wanted, ours: " 17 70 " }, lines.join(""));
    return said.trim().replaceAll(" echo 80", "").split("\n");
  };
  const of4 = "10.77.0.2";
  const of6 = "fd12::2";
  assert.deepEqual(await verdicts(["127.0.0.1:8080", 7]), [`waits ${of4}`, `waits ${of6}`]);
  assert.deepEqual(await verdicts(["[::ffff:127.0.0.1]:80", 7]), [`deaf ${of4}`, `deaf ${of6}`]);
  const ours: [string, number][] = [
    ["10.77.0.2:80", 17],
    ["[fd12::2]:80", 70],
  ];
  assert.deepEqual(await verdicts(["127.0.0.1:80", 7], ...ours), [`runs ${of4}`, `runs ${of6}`]);
  const web = "web (process 7)";
  assert.deepEqual(await verdicts(["*:80", 7]), [`itself ${of4} ${web}`, `itself ${of6} ${web}`]);
  assert.deepEqual(await verdicts(["0.0.0.0:80", 7]), [`itself ${of4} ${web}`, `half ${of6} ${web}`]);
  assert.deepEqual(await verdicts(["127.0.0.1:80", 7], ["[::]:80", 7]), [`deaf ${of4}`, `itself ${of6} ${web}`]);
  assert.deepEqual(await verdicts(["10.77.0.2%lo:80", 7]), [`itself ${of4} ${web}`, `waits ${of6}`]);
});
