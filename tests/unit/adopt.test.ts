import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { confOf, type FoundServer, foundServer } from "../../cli/adopt/conf";
import { takeOver } from "../../cli/adopt/takeOver";
import { privateKeyOf, publicKeyOf } from "../../mesh/keys";

const keys = ["a", "b", "c"].map((text) => privateKeyOf(Buffer.alloc(32, text).toString("base64")));
const [one, two, three] = keys as [string, string, string];
const lines = (text: string) => text.trim().split("\n");

test("a conf is read as wg-quick reads it", () => {
  const conf = confOf(
    "wg0",
    lines(`
[Interface]
Address = 10.0.0.2/24, fd00::2/64
ListenPort=51820
PrivateKey = ${one} # mine
PostUp = iptables -A FORWARD -i %i -j ACCEPT
[peer]
publickey = ${publicKeyOf(two)}
PresharedKey = x
AllowedIPs = 10.0.0.1/32, 10.1.0.0/16
Endpoint = [2001:db8::1]:51820`),
  );
  assert.deepEqual(conf, {
    name: "wg0",
    privateKey: one,
    listenPort: 51820,
    addresses: ["10.0.0.2/24", "fd00::2/64"],
    others: ["PostUp"],
    peers: [
      {
        publicKey: publicKeyOf(two),
        allowedIps: ["10.0.0.1/32", "10.1.0.0/16"],
        endpoint: { host: "2001:db8::1", port: 51820 },
        hasPresharedKey: true,
      },
    ],
  });
});

test("what fakevpc wrote is nothing to adopt, and an answer that broke off is none", () => {
  const text =
    "### host\n web.example\n### conf vpcs\n # fakevpc vpc: written by Pulumi, change it there\n### end\n \n";
  assert.deepEqual(foundServer(text), { host: "web", confs: [] });
  assert.equal(foundServer("### host\n web\n"), undefined);
});

const peer = (privateKey: string, endpoint?: string, allowedIps = ["10.0.0.9/32"]) => ({
  publicKey: publicKeyOf(privateKey),
  allowedIps,
  hasPresharedKey: false,
  ...(endpoint && { endpoint: { host: endpoint, port: 51820 } }),
});
const wg0 = (privateKey: string, address: string, peers: FoundServer["confs"][number]["peers"]) => ({
  ...{ name: "wg0", privateKey, listenPort: 51820, addresses: [address], peers, others: [] },
});

test("a mesh of one network keeps its keys, ports and last numbers, and a private server comes last", () => {
  const taken = takeOver([
    {
      name: "web",
      address: "203.0.113.1",
      found: { host: "web", confs: [wg0(one, "10.0.0.7/24", [peer(two, "198.51.100.2"), peer(three)])] },
    },
    {
      name: "home",
      address: "192.168.0.20",
      found: {
        host: "home",
        confs: [wg0(three, "10.0.0.2/24", [peer(one, "203.0.113.1"), peer(two, "198.51.100.2")])],
      },
    },
    {
      name: "db",
      address: "203.0.113.2",
      found: { host: "db", confs: [wg0(two, "10.0.0.3/24", [peer(one, "203.0.113.1"), peer(three)])] },
    },
  ]);
  const brief = taken.servers.map(({ name, index, endpoint, wgPort, private: hidden }) => [
    name,
    index,
    hidden,
    endpoint,
    wgPort,
  ]);
  assert.deepEqual(brief, [
    ["web", 7, false, undefined, 51820],
    ["home", 200, true, undefined, 51820],
    ["db", 3, false, "198.51.100.2", 51820],
  ]);
  assert.deepEqual(
    taken.servers.map(({ privateKey }) => privateKey),
    [one, three, two],
  );
  assert.deepEqual(taken.left, [
    "the addresses 10.0.0.7/24, 10.0.0.2/24, 10.0.0.3/24: in the mesh they are in 192.168.0.0/16, and names stand for them",
  ]);
});

test("a mesh in the form of the first description keeps its indexes and its range", () => {
  const listening = (privateKey: string, third: number) => ({
    ...{
      name: "vpcs",
      privateKey,
      listenPort: 51815 + third,
      addresses: [`192.168.${third}.1/24`],
      peers: [],
      others: [],
    },
  });
  const dialling = (privateKey: string, third: number, index: number, mtu?: number) => ({
    ...{ name: `vpcc${third}`, privateKey, mtu, addresses: [`192.168.${third}.${index}/24`], peers: [], others: [] },
  });
  const { servers, ifaceIpOffset, left } = takeOver([
    { name: "server1", address: "203.0.113.1", found: { host: "", confs: [listening(one, 6)] } },
    { name: "server2", address: "203.0.113.2", found: { host: "", confs: [listening(two, 7), dialling(two, 6, 2)] } },
    {
      name: "server3",
      address: "203.0.113.3",
      found: { host: "", confs: [dialling(three, 6, 3), dialling(three, 7, 3, 1300)] },
    },
  ]);
  assert.deepEqual(
    servers.map(({ index }) => index),
    [1, 2, 3],
  );
  assert.equal(ifaceIpOffset, 6);
  assert.deepEqual(left, ["an MTU for each interface (none, 1300): the mesh has one"]);
});

test("what cannot be taken over is told plainly", () => {
  const stranger = privateKeyOf(Buffer.alloc(32, "z").toString("base64"));
  const web = wg0(one, "10.0.0.1/24", [
    { ...peer(two, undefined, ["10.0.0.2/32", "10.1.0.0/16"]), hasPresharedKey: true },
    peer(stranger),
  ]);
  const { left } = takeOver([
    { name: "web", address: "203.0.113.1", found: { host: "", confs: [{ ...web, others: ["PostUp", "DNS"] }] } },
    { name: "db", address: "203.0.113.2", found: { host: "", confs: [wg0(two, "10.0.0.2/24", [])] } },
  ]);
  assert.deepEqual(left.slice(0, -1), [
    "web: PostUp, DNS of wg0",
    "web: wg0 sends 10.1.0.0/16 by way of db: the mesh has its servers' own addresses alone",
    "web: wg0 has a preshared key with db: the mesh makes its own",
    `web: wg0 has a peer that is none of these servers: ${publicKeyOf(stranger)}, 10.0.0.9/32`,
  ]);
  const empty = [{ name: "web", address: "203.0.113.1", found: { host: "", confs: [] } }];
  assert.throws(() => takeOver(empty), /web has no conf with a PrivateKey/);
});
