import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { planOf } from "../../mesh/plan";
import { renderHosts, renderInterfaces, renderKeys, renderServices } from "../../mesh/render";
import { checkMesh } from "../../mesh/validate";

const mesh = checkMesh({
  servers: {
    server1: { address: "203.0.113.11" },
    server2: { address: "203.0.113.12", endpoint: "2001:db8::2", wgPort: 4500 },
    home: { index: 200, address: "192.168.100.20", public: false },
  },
  services: {
    echo: { server: "server2", port: 8888 },
    store: { server: "server2", port: 5432, forward: "nftables" },
    cache: { server: "server2", port: 6379, forward: "nftables" },
  },
  ifaceIpOffset: 5,
});

test("the confs and the guard of a server that listens and dials", () => {
  assert.equal(
    renderInterfaces(planOf(mesh, "server2")),
    `### ranges
192.168.6.0/24
192.168.5.0/24
### vpcs.conf
# fakevpc vpc: written by Pulumi, change it there
[Interface]
Address = 192.168.6.1/24
ListenPort = 4500
PrivateKey = {private key}
PostUp = sh /var/lib/fakevpc/vpc/host.sh started vpc %i || true
PreDown = sh /var/lib/fakevpc/vpc/host.sh stopping vpc %i || true

[Peer]
# home
PublicKey = {public key of home}
PresharedKey = {preshared key of home}
AllowedIPs = 192.168.6.200/32
### vpcc1.conf
# fakevpc vpc: written by Pulumi, change it there
[Interface]
Address = 192.168.5.2/32
PrivateKey = {private key}
PostUp = sh /var/lib/fakevpc/vpc/host.sh started vpc %i || true
PreDown = sh /var/lib/fakevpc/vpc/host.sh stopping vpc %i || true

[Peer]
# server1
PublicKey = {public key of server1}
PresharedKey = {preshared key of server1}
AllowedIPs = 192.168.5.1/32
Endpoint = 203.0.113.11:51821
PersistentKeepalive = 25
### names
### openings
### guard.nft
chain guard_in {
  type filter hook prerouting priority raw; policy accept;
  iifname != { "lo", "vpcs", "vpcc1" } ip daddr { 192.168.6.1, 192.168.5.2 } drop
  iifname { "vpcs", "vpcc1" } ip daddr 127.0.0.0/8 drop
}
chain guard_out {
  type filter hook postrouting priority raw; policy accept;
  oifname != { "lo", "vpcs", "vpcc1" } ip daddr { 192.168.6.0/24, 192.168.5.1 } drop
}
`,
  );
});

test("an IPv6 endpoint has its brackets", () => {
  assert.match(renderInterfaces(planOf(mesh, "home")), /^Endpoint = \[2001:db8::2\]:4500$/m);
});

test("an endpoint that is a name is no part of the conf, but of the names to look up", () => {
  const server1 = { address: "203.0.113.11", endpoint: "one.example" };
  const text = renderInterfaces(
    planOf(checkMesh({ servers: { server1, server2: { address: "203.0.113.12" } } }), "server2"),
  );
  assert.doesNotMatch(text, /^Endpoint/m);
  assert.match(text, /^PersistentKeepalive = 25$/m);
  assert.match(text, /^### names\nvpcc1 one.example 51821$/m);
});

test("the names as a server sees them, its own bare name excepted", () => {
  assert.equal(
    renderHosts(planOf(mesh, "server2")),
    "192.168.5.1 server1.vpcdomain server1\n127.0.0.1 server2.vpcdomain\n192.168.6.200 home.vpcdomain home\n",
  );
  assert.equal(
    renderHosts(planOf(mesh, "home")),
    "192.168.5.1 server1.vpcdomain server1\n192.168.6.1 server2.vpcdomain server2\n127.0.0.1 home.vpcdomain\n",
  );
});

test("the forwarders of a server, at each of its mesh addresses", () => {
  assert.equal(
    renderServices(planOf(mesh, "server2")),
    `### socat
echo 8888 192.168.6.1
echo 8888 192.168.5.2
### forward.nft
chain forward_in {
  type nat hook prerouting priority dstnat; policy accept;
  iifname { "vpcs", "vpcc1" } ip daddr { 192.168.6.1, 192.168.5.2 } tcp dport { 5432, 6379 } dnat ip to 127.0.0.1
}
chain forward_own {
  type nat hook output priority -100; policy accept;
  ip daddr { 192.168.6.1, 192.168.5.2 } tcp dport { 5432, 6379 } dnat ip to 127.0.0.1
}
`,
  );
  assert.equal(renderServices(planOf(mesh, "home")), "### socat\n### forward.nft\n");
});

test("keys, a line each, under the names that the confs use", () => {
  const keys = renderKeys("AAAA=", [{ name: "server1", publicKey: "BBBB=", presharedKey: "CCCC=" }]);
  assert.equal(keys, "private key=AAAA=\npublic key of server1=BBBB=\npreshared key of server1=CCCC=\n");
});
