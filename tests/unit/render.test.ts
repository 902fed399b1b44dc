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
    relays: "",
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
### settings
open-firewall
### interfaces
interface vpcs 192.168.5.1/24 port 51821 mtu 1400
peer server2 192.168.5.2/32
peer home 192.168.5.200/32
### hosts
127.0.0.1 server1.vpcdomain
192.168.5.2 server2.vpcdomain server2
192.168.5.200 home.vpcdomain home
### services
### relays
### end
`,
  );
});

test("the one address of each server, and what is behind a peer, stand in a plan's texts", () => {
  const servers = {
    server1: { address: "203.0.113.11" },
    server2: { address: "203.0.113.12" },
    home: { index: 200, address: "192.168.100.20", public: false, routes: ["192.168.50.0/24"], masquerade: false },
  };
  const stable = checkMesh({ servers, network: "10.77.0.0/16", network6: "auto", names: "stable" });
  const texts = renderTexts(planOf(stable, "server2"));
  assert.equal(
    texts.interfaces.vpcs,
    "interface vpcs 192.168.2.1/24 port 51822\npeer home 192.168.2.200/32,10.77.0.200/32,{network6}200/128,192.168.50.0/24\n",
  );
  assert.equal(texts.settings, "address 10.77.0.2\naddress {network6}2\nrange 10.77.0.0/24\nrange {network6}/118\n");
  assert.match(texts.hosts, /^192\.168\.1\.1 server1\.vpcdomain server1 stable=10\.77\.0\.1$/m);
  assert.match(texts.hosts, /^\{network6\}200 home\.v6\.vpcdomain$/m);
  assert.match(renderTexts(planOf(stable, "home")).settings, /^lan 192\.168\.50\.0\/24 plain$/m);
});

test("one family of addresses is enough", () => {
  const servers = { server1: { address: "203.0.113.11" }, server2: { address: "203.0.113.12" } };
  const settings = (config: object) => renderTexts(planOf(checkMesh({ servers, ...config }), "server1")).settings;
  assert.equal(settings({ network: "10.77.0.0/16" }), "address 10.77.0.1\nrange 10.77.0.0/24\n");
  assert.equal(settings({ network6: "fd00:1:2::/48" }), "address fd00:1:2::1\nrange fd00:1:2::/118\n");
});

test("a relayed pair: who dials knows the relays, both ends the smaller packets, the relay where to hand on", () => {
  const servers = {
    hub: { index: 1, address: "203.0.113.11" },
    hub2: { index: 2, address: "203.0.113.12" },
    home: { index: 201, address: "192.168.0.20", public: false, relay: ["hub", "hub2"] },
    cabin: { index: 202, address: "192.168.7.20", public: false },
  };
  const relayed = checkMesh({ servers });
  const texts = (name: string) => renderTexts(planOf(relayed, name));
  assert.equal(
    texts("cabin").interfaces.vpcc201,
    "interface vpcc201 192.168.201.202/32 mtu 1360\npeer home 192.168.201.1/32 endpoint 192.168.1.1:53021 keepalive 25 relays 192.168.1.1:53021,192.168.2.1:53021\n",
  );
  assert.match(texts("home").interfaces.vpcs!, /^peer cabin 192\.168\.201\.202\/32 mtu 1360$/m);
  assert.equal(texts("hub").relays, "home 53021 192.168.1.1 192.168.1.0/24 192.168.1.201:52021\n");
  assert.equal(texts("cabin").relays, "");
});
