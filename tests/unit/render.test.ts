import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { planOf } from "../../mesh/plan";
import { renderKeys, renderStdin, renderTexts, renderValues } from "../../mesh/render";
import { checkMesh } from "../../mesh/validate";

const config = {
  servers: {
    server1: { address: "203.0.113.11" },
    server2: { address: "203.0.113.12", endpoint: "2001:db8::2", wgPort: 4500 },
    home: { index: 200, address: "192.168.100.20", public: false },
  },
  services: {
    echo: { server: "server2", port: 8888 },
    store: { server: "server2", port: 5432, forward: "nftables" },
  },
  ifaceIpOffset: 5,
  mtu: 1400,
  openFirewall: true,
};
const mesh = checkMesh(config);

test("the texts of a server that listens and dials", () => {
  assert.deepEqual(renderTexts(planOf(mesh, "server2")), {
    interfaces: {
      vpcs: "interface vpcs 192.168.6.1/24 port 4500 mtu 1400\npeer home 192.168.6.200/32\n",
      vpcc1:
        "interface vpcc1 192.168.5.2/32 mtu 1400\npeer server1 192.168.5.1/32 endpoint 203.0.113.11:51821 keepalive 25\n",
    },
    hosts: "192.168.5.1 server1.vpcdomain server1\n127.0.0.1 server2.vpcdomain\n192.168.6.200 home.vpcdomain home\n",
    services: "echo 8888 socat\nstore 5432 nftables\n",
    settings: "open-firewall\n",
  });
});

test("the names as a server sees them, its own bare name excepted", () => {
  assert.equal(
    renderTexts(planOf(mesh, "home")).hosts,
    "192.168.5.1 server1.vpcdomain server1\n192.168.6.1 server2.vpcdomain server2\n127.0.0.1 home.vpcdomain\n",
  );
});

test("an IPv6 endpoint has its brackets", () => {
  assert.match(renderTexts(planOf(mesh, "home")).interfaces.vpcc2!, / endpoint \[2001:db8::2\]:4500 keepalive 25$/m);
});

test("an endpoint may be a name", () => {
  const server1 = { address: "203.0.113.11", endpoint: "one.example" };
  const named = checkMesh({ servers: { server1, server2: { address: "203.0.113.12" } } });
  assert.match(renderTexts(planOf(named, "server2")).interfaces.vpcc1!, / endpoint one\.example:51821 /);
});

test("what is not known yet is a placeholder, and its value stands apart", () => {
  const later = new Set(["servers.server1.wgPort", "servers.server2.endpoint", "servers.home.wgPort"]);
  const { server1, server2, home } = structuredClone(config.servers) as Record<string, Record<string, unknown>>;
  delete server2!.endpoint;
  const early = checkMesh({ ...config, servers: { server1, server2, home } }, later);
  const texts = (name: string) => Object.values(renderTexts(planOf(early, name)).interfaces).join("");
  assert.match(texts("server1"), /^interface vpcs 192\.168\.5\.1\/24 port \{server1 port\} mtu 1400$/m);
  assert.match(texts("home"), /^peer server1 192\.168\.5\.1\/32 endpoint \{server1 endpoint\} keepalive 25$/m);
  assert.match(texts("home"), /^peer server2 192\.168\.6\.1\/32 endpoint \{server2 endpoint\} keepalive 25$/m);
  const values = (name: string) => renderValues(planOf(early, name), planOf(mesh, name));
  assert.equal(values("server1"), "server1 port=51821\n");
  assert.equal(
    values("home"),
    "home port=52020\nserver1 endpoint=203.0.113.11:51821\nserver2 endpoint=[2001:db8::2]:4500\n",
  );
  assert.equal(renderValues(planOf(mesh, "home"), planOf(mesh, "home")), "");
});

test("standard input has every section, and says where it ends", () => {
  const keys = renderKeys("AAAA=", [{ name: "server1", publicKey: "BBBB=", presharedKey: "CCCC=" }]);
  assert.equal(
    renderStdin("0123456789abcdef", keys, "server2 port=1\n", renderTexts(planOf(mesh, "server1"))),
    `### mesh
0123456789abcdef
### keys
private key=AAAA=
public key of server1=BBBB=
preshared key of server1=CCCC=
### values
server2 port=1
### interfaces
interface vpcs 192.168.5.1/24 port 51821 mtu 1400
peer server2 192.168.5.2/32
peer home 192.168.5.200/32
### hosts
127.0.0.1 server1.vpcdomain
192.168.5.2 server2.vpcdomain server2
192.168.5.200 home.vpcdomain home
### services
### settings
open-firewall
### end
`,
  );
});
